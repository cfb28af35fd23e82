// SPDX-License-Identifier: Apache-2.0

import Glibc
import Simulation

guard let command = FuzzCommand(Array(CommandLine.arguments.dropFirst())) else {
    print(FuzzCommand.usage, terminator: "")
    exit(2)
}
let status = command.run { line in
    print(line)
    fflush(nil)
}
exit(status)
