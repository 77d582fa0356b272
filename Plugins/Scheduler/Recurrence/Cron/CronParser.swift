/// Reads cron expressions: fields or a macro, without a zone.
///
/// `H` stands for a value that the id of the schedule decides; it is resolved here, so that an expression means the same
/// wherever it is read again.
struct CronParser: Sendable {
    /// The id of the schedule; without one `H` is refused.
    let id: String?

    private static let macros: [String: String] = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Whether a word can only be a zone, not the last field of an expression.
    static func isZone(_ word: Word) -> Bool {
        guard let first = word.bytes.first, 0x41...0x5a ~= first & 0xdf else { return false }
        if word.bytes.count == 1 { return first == UInt8(ascii: "Z") }
        // Names are three letters, then nothing, L, or one of the signs; and a list may follow.
        let head = word.bytes.prefix { 0x41...0x5a ~= $0 & 0xdf }
        let name = String(decoding: head.prefix(3), as: UTF8.self).lowercased()
        let isField = CronField.dayOfWeek.value(named: name) != nil && (head.count == 3 || head.count == 4)
        let isHash = head.count == 1 && (first & 0xdf == UInt8(ascii: "H") || first & 0xdf == UInt8(ascii: "L"))
        return !isField && !isHash && word.bytes.allSatisfy { $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: ",") }
    }

    /// Reads all words as one expression.
    func expression(_ words: [Word]) throws(RecurrenceError) -> CronExpression {
        if let first = words.first, first.bytes.first == UInt8(ascii: "@") {
            return try self.macro(first, rest: words.dropFirst())
        }
        guard words.count == 5 || words.count == 6 else {
            throw RecurrenceError(
                .syntax,
                column: words.count > 6 ? words[6].column : words.last?.end ?? 1,
                "\(words.count) \(words.count == 1 ? "field" : "fields")",
                allowed: "5 fields (minute hour day-of-month month day-of-week), or 6 with the second first"
            )
        }
        let hasSeconds = words.count == 6
        var fields: [[CronItem]] = hasSeconds ? [] : [[.range(0, 0, step: 1)]]
        for (field, word) in zip(CronField.allCases.dropFirst(hasSeconds ? 0 : 1), words) {
            fields.append(try CronFieldParser(field: field, id: self.id).items(word))
        }
        let expression = CronExpression(fields: fields, hasSeconds: hasSeconds)
        try Self.refuseImpossible(expression, words[hasSeconds ? 3 : 2])
        return expression
    }

    private func macro(_ word: Word, rest: ArraySlice<Word>) throws(RecurrenceError) -> CronExpression {
        guard rest.isEmpty, let text = Self.macros[word.lowercased] else {
            let column = Self.macros[word.lowercased] == nil ? word.column : rest.first?.column
            let message =
                word.lowercased == "@reboot" ? "@reboot is no time" : "\((rest.first ?? word).quoted) is unknown here"
            throw RecurrenceError(
                .syntax,
                column: column,
                message,
                allowed: "@yearly @annually @monthly @weekly @daily @midnight @hourly, or @every 1h30m"
            )
        }
        return try self.expression(try SourceText(text).clauses[0])
    }

    private static func refuseImpossible(_ expression: CronExpression, _ day: Word) throws(RecurrenceError) {
        guard expression.days.next(onOrAfter: 0) == nil else { return }
        throw RecurrenceError(
            .never,
            field: CronField.dayOfMonth.name,
            column: day.column,
            "\(day.quoted) never comes in these months and on these days of the week"
        )
    }
}
