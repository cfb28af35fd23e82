// SPDX-License-Identifier: Apache-2.0
// Exercised by SQLiteAlertStoreTests and RulesRegistryTests.

internal import GRDB
internal import Glibc

/// How the databases of the state folder are opened, and what is said of their errors.
enum SQLiteFile {
    /// When a commit is there for good.
    enum Durability: String {
        case withNextCheckpoint = "NORMAL"
        case atOnce = "FULL"
    }

    /// Opens a database, and makes it where there is none.
    ///
    /// - Parameter writesBack: whether a commit that finds the log long writes it back into the
    ///   database; otherwise somebody else sees to that.
    static func open(
        _ path: String, _ durability: Durability, writesBack: Bool = true,
        _ migrator: DatabaseMigrator
    ) throws -> DatabaseQueue {
        try makePrivately(path)
        let queue = try connect(path, durability, writesBack: writesBack)
        try queue.read { try requireKnown($0, by: migrator, path: path) }
        try migrator.migrate(queue)
        return queue
    }

    /// Refuses what a newer version has written, which means something that nobody here knows.
    static func requireKnown(
        _ database: Database, by migrator: DatabaseMigrator, path: String
    ) throws {
        guard try migrator.hasBeenSuperseded(database) else { return }
        throw StateError.unusable(
            path: path,
            reason: "a newer version of Martlet has written it: run that one, or begin anew "
                + "with another `state` folder")
    }

    /// One more connection to a database that is open.
    static func connect(
        _ path: String, _ durability: Durability, writesBack: Bool = false
    ) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        // People who query must not be the end of a write.
        configuration.busyMode = .timeout(30)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
            if !writesBack { try database.execute(sql: "PRAGMA wal_autocheckpoint = 0") }
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Makes an empty file, which is an empty database, for its owner alone; SQLite gives the files
    /// beside it the rights that it has. One that is there keeps its own.
    ///
    /// One that is there is not even opened: to close any descriptor of a file takes all locks on
    /// it from the process (POSIX). A connection that had some would go on without them, and the
    /// next process that closes the database would remove the log that is still written to.
    private static func makePrivately(_ path: String) throws(StateError) {
        // SAFETY: the path is a C string for the call.
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw .system("open", path, errno: errno)
        }
        Glibc.close(descriptor)
    }

    /// What there was no room for, which may succeed later; nil: it was something else. SQLite has
    /// taken back what it had begun.
    ///
    /// - Parameter name: that of the database in the state folder.
    static func outOfSpace(_ error: any Error, in name: String) -> StateError? {
        if let error = error as? StateError { return error.isOutOfSpace ? error : nil }
        guard let error = error as? DatabaseError else { return nil }
        let isFull =
            error.resultCode == .SQLITE_FULL
            || error.extendedResultCode == .SQLITE_IOERR_SHMSIZE
        return isFull ? .system("write", name, errno: ENOSPC) : nil
    }

    static func reason(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return error.message ?? "error \(error.resultCode.rawValue) of SQLite"
    }
}
