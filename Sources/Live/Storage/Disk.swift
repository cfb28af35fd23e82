// SPDX-License-Identifier: Apache-2.0

package import EventModel

/// The files that have to last, as the live pipeline uses them: so that tests and simulations can
/// put a disk under it that fails.
///
/// What was written is there after a crash of the machine only if it was synced since; a name, only
/// if the folder was.
package protocol Disk: AnyObject, Sendable {
    /// Makes a folder, and those above it, unless it is there.
    func makeFolder(_ path: String) throws(StateError)
    /// The names in a folder, in the order of their bytes.
    func names(in folder: String) throws(StateError) -> [String]
    func syncFolder(_ path: String) throws(StateError)

    /// The whole of a file.
    func read(_ path: String) throws(StateError) -> [UInt8]
    /// Up to `count` bytes of a file from a place on; fewer only at its end.
    func read(_ path: String, from offset: Int64, count: Int) throws(StateError) -> [UInt8]
    /// The length of a file in bytes; nil: there is none.
    func byteCount(of path: String) throws(StateError) -> Int64?
    /// When a file was last written to; nil: there is none, or it is not known.
    func modifiedAt(_ path: String) throws(StateError) -> StreamTime?
    /// Gives a file a name in the place of whatever had that name.
    func rename(_ path: String, to newPath: String) throws(StateError)
    func remove(_ path: String) throws(StateError)

    /// Opens a file to write behind its end; makes it where there is none.
    func openForAppending(_ path: String) throws(StateError) -> any DiskFile
}

extension Disk {
    package func modifiedAt(_ path: String) throws(StateError) -> StreamTime? { nil }
}

/// A file that is written behind its end.
package protocol DiskFile: AnyObject, Sendable {
    var path: String { get }
    /// Bytes in the file.
    var byteCount: Int64 { get }

    /// Writes all bytes, or throws; part of them may be there then.
    func append(_ bytes: [UInt8]) throws(StateError)
    /// Cuts the file off.
    func truncate(to byteCount: Int64) throws(StateError)
    /// Comes back when all that was written is there for good.
    func sync() throws(StateError)
    func close() throws(StateError)
}
