import Supervision
import Wingman

/// Wakes a lane's loop when a message that rests is to be tried again.
final class RestAlarm {
    private let waker: InboxWaker
    private let time: any Timekeeper
    private var timer: ScheduledTimer?

    init(waker: InboxWaker, time: any Timekeeper) {
        self.waker = waker
        self.time = time
    }

    /// - Parameter due: On the timekeeper's scale; nil is never.
    func set(_ due: Duration?) {
        self.cancel()
        guard let due else { return }
        let waker = self.waker
        self.timer = self.time.schedule(after: due - self.time.now) { waker.ring() }
    }

    func cancel() {
        self.timer?.cancel()
        self.timer = nil
    }
}
