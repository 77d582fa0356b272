import Wingman

// sqlite-bench                     measures the store beside SQLite itself, and then what `wake` does: Scripts/bench sqlite
// sqlite-bench wake                measures how soon a push wakes another process, and what waiting costs it
// sqlite-bench echo URL            is that other process
// sqlite-bench push URL QUEUE      pushes one job; for the tests
// sqlite-bench victim URL JOBS     pushes, claims and retries jobs, saying of each push when it is acknowledged; the tests
//                                  kill it, and cut its power
let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case (nil, 0):
    try await Bench.run()
    try await Wake.run(pings: 500, directory: Bench.directory)
case ("wake", 1):
    try await Wake.run(pings: 500, directory: Bench.directory)
case ("echo", 2):
    try await Wake.echo(url: arguments[1])
case ("push", 3):
    try await Wake.push(url: arguments[1], queue: arguments[2])
case ("victim", 3):
    try await Victim(url: arguments[1], jobs: Int(arguments[2]) ?? 0).run()
default:
    print("usage: sqlite-bench [wake | echo URL | push URL QUEUE | victim URL JOBS]")
}
