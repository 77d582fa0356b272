/// Writes JSON that is simple enough to be written by hand.
extension [UInt8] {
    /// Appends text as it is.
    mutating func raw(_ text: String) {
        self.append(contentsOf: text.utf8)
    }

    /// Appends a string literal.
    mutating func literal(_ text: String) {
        self.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self.raw(#"\""#)
            case UInt8(ascii: "\\"): self.raw(#"\\"#)
            case UInt8(ascii: "\n"): self.raw(#"\n"#)
            case UInt8(ascii: "\r"): self.raw(#"\r"#)
            case UInt8(ascii: "\t"): self.raw(#"\t"#)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                self.raw(#"\u00"# + (byte < 0x10 ? "0" : "") + digits)
            default: self.append(byte)
            }
        }
        self.append(UInt8(ascii: "\""))
    }
}
