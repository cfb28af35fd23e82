// SPDX-License-Identifier: Apache-2.0

import Glibc
import Simulation

guard var command = SimulationCommand(Array(CommandLine.arguments.dropFirst())) else {
    print(SimulationCommand.usage, terminator: "")
    exit(2)
}
command.trace = { print($0) }
let status = command.run { line in
    print(line)
    fflush(nil)
}
exit(status)
