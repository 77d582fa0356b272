internal import Wingman

/// A token of this store, taken apart: `process:lane:step:row`. Process numbers are never used again, nor are steps within a
/// lane, so that no two claims ever have the same token, though rows are used again.
struct HeldToken: Equatable {
    var process: Int
    var lane: Int
    var step: Int
    var row: Int

    init(process: Int, lane: Int, step: Int, row: Int) {
        self.process = process
        self.lane = lane
        self.step = step
        self.row = row
    }

    /// Nil if it is none of ours.
    init?(_ token: Token) {
        var numbers = (0, 0, 0, 0)
        var part = 0
        var hasDigit = false
        for byte in token.rawValue.utf8 {
            if byte == UInt8(ascii: ":") {
                guard hasDigit, part < 3 else { return nil }
                part += 1
                hasDigit = false
                continue
            }
            let digit = Int(byte) - 48
            guard 0...9 ~= digit else { return nil }
            hasDigit = true
            switch part {
            case 0: guard Self.append(digit, to: &numbers.0) else { return nil }
            case 1: guard Self.append(digit, to: &numbers.1) else { return nil }
            case 2: guard Self.append(digit, to: &numbers.2) else { return nil }
            default: guard Self.append(digit, to: &numbers.3) else { return nil }
            }
        }
        guard part == 3, hasDigit else { return nil }
        (self.process, self.lane, self.step, self.row) = numbers
    }

    var token: Token { Self.token(row: self.row, after: Self.beginning(self.process, self.lane, self.step)) }

    /// What all tokens of a step begin with.
    static func beginning(_ process: Int, _ lane: Int, _ step: Int) -> String { "\(process):\(lane):\(step):" }

    /// A token of a step: hundreds of them are made at a time.
    static func token(row: Int, after beginning: String) -> Token { Token(rawValue: beginning + String(row)) }

    /// - Returns: False if the number becomes too large to be one of ours.
    private static func append(_ digit: Int, to number: inout Int) -> Bool {
        guard number <= (Int.max - 9) / 10 else { return false }
        number = number * 10 + digit
        return true
    }
}
