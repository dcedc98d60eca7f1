/// A delivery and how its handling ended.
public struct Ending: Sendable, Hashable {
    public let delivery: Delivery
    public let disposition: Disposition

    public init(_ delivery: Delivery, _ disposition: Disposition) {
        (self.delivery, self.disposition) = (delivery, disposition)
    }
}

extension Ending {
    var isBurial: Bool { if case .buried = disposition { true } else { false } }

    var dispatches: [Dispatch] {
        switch disposition {
        case .completed(let next): next.map { [$0] } ?? []
        case .retry(let due): [Dispatch(again: delivery, due: due)]
        case .released: [Dispatch(again: delivery)]
        case .buried: []
        case .ghost(let dispatches): dispatches
        }
    }
}
