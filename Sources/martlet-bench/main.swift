// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter
import Glibc
import Simulation

let given = BenchCommand(
    Array(CommandLine.arguments.dropFirst()), allocationCount: { martlet_allocation_count() })
guard let command = given else {
    print(BenchCommand.usage, terminator: "")
    exit(2)
}
let status = command.run { line in
    print(line)
    fflush(nil)
}
exit(status)
