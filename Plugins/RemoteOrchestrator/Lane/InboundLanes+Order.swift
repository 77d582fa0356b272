import Wingman

extension InboundLanes {
    /// Which messages of a lane may not overtake each other on their way through its inbox.
    func order(within limits: Limits) -> Inbox.Order {
        switch self {
        case .ordered: .ordered
        case .concurrent: .concurrent
        case .byKey:
            .byKey { body in
                // What cannot be read is put away, and waits for nobody.
                guard let parcel = try? Parcel(body) else { return nil }
                return try? Envelope.parse(parcel.raw, limits: limits).key
            }
        }
    }
}
