import Synchronization

/// What the jobs of the example share. Booking an order twice changes nothing, as jobs may run twice.
final class Ledger: Sendable {
    private let orders = Mutex<[Int: Int]>([:])

    /// Notes that `order` was paid.
    ///
    /// - Returns: The sum of all orders, in cents.
    func book(order: Int, cents: Int) -> Int {
        self.orders.withLock { orders in
            orders[order] = cents
            return orders.values.reduce(0) { $0 &+ $1 }
        }
    }
}
