import Wingman

// sqlite-bench                     measures the store beside SQLite itself: Scripts/bench sqlite
// sqlite-bench victim URL JOBS     pushes, claims and retries jobs, saying of each push when it is acknowledged; the tests
//                                  kill it, and cut its power
let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case (nil, 0):
    try await Bench.run()
case ("victim", 3):
    try await Victim(url: arguments[arguments.startIndex + 1], jobs: Int(arguments[arguments.startIndex + 2]) ?? 0)
        .run()
default:
    print("usage: sqlite-bench [victim URL JOBS]")
}
