// SPDX-License-Identifier: Apache-2.0
// Exercised by RulesRegistryTests and RulesCommandTests.

internal import GRDB

/// What another process has left in the registry for the one that runs the rules.
package struct RegisteredRequest: Hashable, Sendable {
    package var number: Int64
    /// `rollback`, `enable` or `disable`.
    package var action: String
    package var argument: String
    package var author: String
    package var note: String

    package init(
        number: Int64 = 0, action: String, argument: String, author: String, note: String
    ) {
        self.number = number
        self.action = action
        self.argument = argument
        self.author = author
        self.note = note
    }

    var wish: RulesRequest.Wish? {
        switch action {
        case "rollback": Int64(argument).map { .version($0) }
        case "enable": .enable(argument)
        case "disable": .disable(argument)
        default: nil
        }
    }
}

extension SQLiteRulesRegistry {
    /// Leaves a request; gives its number.
    package func ask(_ request: RegisteredRequest) throws(StateError) -> Int64 {
        try SQLiteRulesRegistry.trying {
            try queue.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO requests (action, argument, author, note) VALUES (?, ?, ?, ?)
                        """,
                    arguments: [request.action, request.argument, request.author, request.note])
                return database.lastInsertedRowID
            }
        }
    }

    /// What came of a request; nil: nobody has answered it.
    package func answer(
        toRequest number: Int64
    ) throws(StateError) -> (text: String, isRefused: Bool)? {
        try SQLiteRulesRegistry.trying {
            try queue.read {
                try Row.fetchOne(
                    $0,
                    sql: """
                        SELECT answer, refused FROM requests
                        WHERE number = ? AND answer IS NOT NULL AND taken = 2
                        """, arguments: [number]
                ).map { row in (text: row[0] as String, isRefused: row[1] as Bool) }
            }
        }
    }

    /// The requests that nobody has taken, which are taken now.
    func takeRequests() throws(StateError) -> [RegisteredRequest] {
        try SQLiteRulesRegistry.trying {
            let hasAny =
                try queue.read {
                    try Int.fetchOne($0, sql: "SELECT 1 FROM requests WHERE taken = 0 LIMIT 1")
                } != nil
            guard hasAny else { return [] }
            return try queue.write { database in
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT number, action, argument, author, note FROM requests
                        WHERE taken = 0 ORDER BY number
                        """)
                try database.execute(sql: "UPDATE requests SET taken = 1 WHERE taken = 0")
                return rows.map {
                    RegisteredRequest(
                        number: $0[0], action: $0[1], argument: $0[2], author: $0[3], note: $0[4])
                }
            }
        }
    }

    func answer(
        request number: Int64, _ text: String, isRefused: Bool
    ) throws(StateError) {
        try SQLiteRulesRegistry.trying {
            try queue.write {
                try $0.execute(
                    sql: "UPDATE requests SET answer = ?, refused = ?, taken = 2 WHERE number = ?",
                    arguments: [text, isRefused, number])
            }
        }
    }

    /// Has requests that a process took and did not answer be taken again: it has ended.
    package func renewRequests() throws(StateError) {
        try SQLiteRulesRegistry.trying {
            try queue.write {
                try $0.execute(sql: "UPDATE requests SET taken = 0 WHERE taken = 1")
            }
        }
    }
}
