#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Prints what happens, a line an event, at once also into a pipe.
enum Console {
    static func say(_ text: String) {
        let line = Array((text + "\n").utf8)
        // Nobody may be listening any more; an example does not mind.
        _ = write(STDOUT_FILENO, line, line.count)
    }
}
