package enum TokenKind: Sendable { case endOfFile }
