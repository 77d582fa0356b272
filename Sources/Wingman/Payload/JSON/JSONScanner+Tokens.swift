extension JSONScanner {
    /// Passes a string, the scanner at its opening quote.
    ///
    /// - Returns: whether it has no escapes, so that the bytes between its quotes are its text.
    mutating func skipString() throws(JSONError) -> Bool {
        let opening = self.position
        self.position += 1
        var isPlain = true
        while true {
            self.skipPlainCharacters()
            guard self.position < self.bytes.count else { throw JSONError(.unterminatedString, at: opening) }
            switch self.bytes[self.position] {
            case UInt8(ascii: "\""):
                self.position += 1
                return isPlain
            case UInt8(ascii: "\\"):
                isPlain = false
                try self.skipEscape()
            case 0x80...:
                try self.skipMultibyteCharacter()
            default:
                throw JSONError(.controlCharacter, at: self.position)
            }
        }
    }

    /// Passes ASCII that needs no look: eight bytes a step, then the rest one by one.
    private mutating func skipPlainCharacters() {
        let raw = UnsafeRawBufferPointer(self.bytes)
        while self.bytes.count - self.position >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: self.position, as: UInt64.self))
            let special = Self.specialBytes(of: word)
            if special != 0 {
                self.position += special.trailingZeroBitCount / 8
                return
            }
            self.position += 8
        }
        while self.position < self.bytes.count, Self.isPlain(self.bytes[self.position]) { self.position += 1 }
    }

    /// The top bit of each byte that is a quote, a backslash, a control character or not ASCII.
    ///
    /// Borrows may flag bytes above a flagged one as well, so only the lowest flag may be trusted.
    private static func specialBytes(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let isQuote = (quote &- ones) & ~quote
        let isBackslash = (backslash &- ones) & ~backslash
        let isControl = (word &- (ones &* 0x20)) & ~word
        return (isQuote | isBackslash | isControl | word) & (ones &* 0x80)
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C }

    private mutating func skipEscape() throws(JSONError) {
        let start = self.position
        self.position += 1
        switch self.current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            self.position += 1
        case UInt8(ascii: "u"):
            self.position += 1
            for _ in 0..<4 {
                guard Self.hexadecimalValue(of: self.current) != nil else { throw JSONError(.badEscape, at: start) }
                self.position += 1
            }
        default:
            throw JSONError(.badEscape, at: start)
        }
    }

    /// The value of a hexadecimal digit of either case.
    static func hexadecimalValue(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Passes one character of two to four bytes as RFC 3629 allows them: no overlong forms, no surrogates.
    private mutating func skipMultibyteCharacter() throws(JSONError) {
        let lead = self.bytes[self.position]
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.badUTF8, at: self.position)
        }
        guard self.bytes.count - self.position >= length, second.contains(self.bytes[self.position + 1]) else {
            throw JSONError(.badUTF8, at: self.position)
        }
        for index in 2..<max(length, 2) where self.bytes[self.position + index] & 0xC0 != 0x80 {
            throw JSONError(.badUTF8, at: self.position)
        }
        self.position += length
    }

    /// Passes a number of any length: it stays text, so nothing overflows.
    mutating func skipNumber() throws(JSONError) {
        let start = self.position
        if self.current == UInt8(ascii: "-") { self.position += 1 }
        if self.current == UInt8(ascii: "0") {
            self.position += 1
        } else {
            try self.skipDigits(ofNumberAt: start)
        }
        if self.current == UInt8(ascii: ".") {
            self.position += 1
            try self.skipDigits(ofNumberAt: start)
        }
        if self.current | 0x20 == UInt8(ascii: "e") {
            self.position += 1
            if self.current == UInt8(ascii: "+") || self.current == UInt8(ascii: "-") { self.position += 1 }
            try self.skipDigits(ofNumberAt: start)
        }
    }

    private mutating func skipDigits(ofNumberAt start: Int) throws(JSONError) {
        let first = self.position
        while self.position < self.bytes.count, self.bytes[self.position] &- 0x30 < 10 { self.position += 1 }
        guard self.position > first else { throw JSONError(.badNumber, at: start) }
    }
}
