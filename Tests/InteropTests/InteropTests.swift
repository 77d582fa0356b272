import Testing

/// Against Debian's Sidekiq 6.4.1: real processes of both languages on a real redis-server, one test at a time.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct InteropTests {}
