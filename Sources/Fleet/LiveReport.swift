import Production

/// What a worker does just now, for live views: a hash in Redis that goes when the worker does. Nothing depends on it.
package struct LiveReport: Sendable, Codable {
    package struct Work: Sendable, Codable {
        package var job: Int64
        package var fraction: Double
        package var detail: String
    }

    package var worker: String
    package var stage: Stage
    package var slots: Int
    package var work: [Work]
}

/// A change, published on `{…}:events` as JSON, for live views.
package struct LiveEvent: Sendable, Codable {
    package enum Kind: String, Sendable, Codable { case begun, progress, ended }

    package var kind: Kind
    package var job: Int64
    package var stage: Stage
    package var worker: String
    /// For `progress`.
    package var fraction: Double?
    package var detail: String?
    /// For `ended`: how the attempt ended.
    package var outcome: String?
}
