// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Whether bytes are text at all, before anything is made of them.
enum Encoding {
    /// What is wrong with the encoding, and whether it is worth reading on.
    ///
    /// A file with a NUL byte is no text: nothing else in it is reported. Of bytes that are not
    /// UTF-8 the first is reported, and the rest of the file is read.
    static func check(_ file: SourceFile) -> (diagnostics: [Diagnostic], isText: Bool) {
        let bytes = file.bytes
        if isPlainASCII(bytes) { return ([], true) }
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            let found = report(
                "this file is encoded as UTF-16", at: 0..<2, file, label: "save it as UTF-8")
            return ([found], false)
        }
        if let nul = bytes.firstIndex(of: 0) {
            let found = report(
                "this is not a text file: it has a NUL byte", at: nul..<nul + 1, file)
            return ([found], false)
        }
        guard let bad = firstInvalid(bytes) else { return ([], true) }
        let hex = String(bytes[bad], radix: 16)
        let found = report(
            "the byte 0x\(hex) is not UTF-8", at: bad..<bad + 1, file,
            label: "save the file as UTF-8")
        return ([found], true)
    }

    /// Whether all is ASCII without a NUL byte, as it is of most files: without a way out of the
    /// loop, many bytes are looked at at once.
    private static func isPlainASCII(_ bytes: [UInt8]) -> Bool {
        var (least, all): (UInt8, UInt8) = (1, 0)
        for byte in bytes {
            least = min(least, byte)
            all |= byte
        }
        return least > 0 && all < 0x80
    }

    private static func report(
        _ message: String, at range: Range<Int>, _ file: SourceFile, label: String = ""
    ) -> Diagnostic {
        Diagnostic(
            code: SyntaxCode.notText.rawValue, severity: .error, message,
            at: SourceSpan(file, range), label: label)
    }

    /// The offset of the first byte that begins no UTF-8 sequence.
    ///
    /// - Source: Unicode 16, table 3-7 (well-formed byte sequences).
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        var i = 0
        while i < bytes.count {
            if bytes[i] < 0x80 {
                i += 1
                continue
            }
            let length = sequenceLength(bytes[i...].prefix(4))
            if length == 0 { return i }
            i += length
        }
        return nil
    }

    /// The length of the well-formed sequence of several bytes at the start; 0 if there is none.
    private static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int {
        let first = bytes[bytes.startIndex]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xbf
        switch first {
        case 0xc2...0xdf: length = 2
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: length = 3
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        case 0xf1...0xf3: length = 4
        default: return 0
        }
        let rest = bytes.dropFirst()
        guard rest.count >= length - 1, let next = rest.first, second.contains(next),
            rest.prefix(length - 1).allSatisfy({ $0 & 0xc0 == 0x80 })
        else { return 0 }
        return length
    }
}
