// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MatchCore

@Suite struct RowArrayTests {
    @Test func rowsStayWhatTheyAreWhileItGrows() {
        var rows = RowArray<Int64>()
        for i in 0..<10_000 { rows.append(Int64(i) * 3) }
        let count = rows.count
        #expect(count == 10_000)
        for i in rows.indices where rows[i] != Int64(i) * 3 { Issue.record("row \(i)") }
    }

    @Test func theLastRowComesBackFirst() {
        var rows = RowArray<Int32>(copying: [1, 2, 3])
        var taken = [rows.popLast()]
        rows.append(4)
        taken.append(rows.popLast())
        rows.removeLast(1)
        taken.append(rows.popLast())
        taken.append(rows.popLast())
        #expect(taken == [3, 4, 1, nil])
        let isEmpty = rows.isEmpty
        #expect(isEmpty)
    }

    @Test func rowsCanBeAppendedAndFilledAtOnce() {
        var rows = RowArray<UInt16>(repeating: 7, count: 3)
        rows.append(repeating: 9, count: 4)
        rows.fill(2..<5, with: 1)
        let list = rows.indices.map { rows[$0] }
        #expect(list == [7, 7, 1, 1, 1, 9, 9])
    }

    @Test func aRowIsChangedInPlace() {
        var rows = RowArray<Slotted>(repeating: Slotted(number: 1, flag: false), count: 2)
        rows[1].number += 4
        rows[1].flag = true
        let (first, second) = (rows[0], rows[1])
        #expect(first.number == 1 && !first.flag)
        #expect(second.number == 5 && second.flag)
    }

    @Test func bytesAreCopiedInAndLent() {
        var bytes = RowArray<UInt8>()
        bytes.appendSpace(8)
        bytes.copy([1, 2, 3].span, to: 4)
        let sum = bytes.withSpan(4..<7) { span in span.indices.reduce(0) { $0 + Int(span[$1]) } }
        #expect(sum == 6)
        let count = bytes.withSpan(7..<7) { $0.count }
        #expect(count == 0)
    }

    @Test func anEmptyOneIsKeptAndUsedAgain() {
        var rows = RowArray<Int>(copying: [5])
        rows.removeAll()
        let isEmpty = rows.isEmpty
        #expect(isEmpty)
        rows.append(6)
        let (row, count) = (rows[0], rows.count)
        #expect(row == 6 && count == 1)
    }

    private struct Slotted: BitwiseCopyable {
        var number: Int
        var flag: Bool
    }
}
