/// `1, 2 and 3`.
func sentenceList(_ elements: [String], _ conjunction: String = "and") -> String {
    guard let last = elements.last, elements.count > 1 else { return elements.first ?? "" }
    return "\(elements.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
}

/// `1st`, `2nd`, `3rd`, `11th`.
func ordinal(_ number: Int) -> String {
    let suffix =
        switch (number % 10, number % 100) {
        case (1, let tens) where tens != 11: "st"
        case (2, let tens) where tens != 12: "nd"
        case (3, let tens) where tens != 13: "rd"
        default: "th"
        }
    return "\(number)\(suffix)"
}

/// The numbers with runs of three and more drawn together: `1 to 5 and 9`.
func sentenceRuns(_ numbers: [Int], _ word: (Int) -> String = { "\($0)" }) -> String {
    var runs: [(first: Int, last: Int)] = []
    for number in numbers {
        if let last = runs.last, last.last + 1 == number {
            runs[runs.count - 1].last = number
        } else {
            runs.append((number, number))
        }
    }
    return sentenceList(
        runs.flatMap { run in
            switch run.last - run.first {
            case 0: [word(run.first)]
            case 1: [word(run.first), word(run.last)]
            default: ["\(word(run.first)) to \(word(run.last))"]
            }
        }
    )
}
