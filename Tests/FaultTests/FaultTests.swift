import Testing

/// Real processes killed, frozen and stopped in the middle of their work, one test at a time.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct FaultTests {}
