// SPDX-License-Identifier: Apache-2.0

import MartletCommands

Martlet.run(arguments: Array(CommandLine.arguments.dropFirst()))
