/// Why some bytes are not the JSON that was wanted, and where: never what they hold.
package struct JSONError: Error, Equatable, Sendable {
    /// What is wrong at the offset.
    package enum Reason: String, Sendable {
        case empty = "there is no text"
        case tooLarge = "the text is longer than 512 MiB"
        case tooDeep = "arrays and objects are nested more than 100 deep"
        case valueExpected = "a value is expected"
        case keyExpected = "a key in double quotes is expected"
        case colonExpected = "a colon is expected"
        case commaOrBraceExpected = "a comma or a closing brace is expected"
        case commaOrBracketExpected = "a comma or a closing bracket is expected"
        case objectExpected = "an object is expected"
        case arrayExpected = "an array is expected"
        case endExpected = "something follows the end of the value"
        case unterminatedString = "a string has no closing quote"
        case controlCharacter = "a string holds a control character that is not escaped"
        case badEscape = "a string holds an unknown escape"
        case badUTF8 = "a string is not UTF-8"
        case badNumber = "a number is malformed"
        case badLiteral = "a word other than true, false and null stands for a value"
    }

    package let reason: Reason

    /// Bytes from the start of the text.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(self.reason.rawValue) (byte \(self.offset))" }
}
