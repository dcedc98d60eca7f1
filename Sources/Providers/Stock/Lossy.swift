/// An element of a list that may not be what it should: one odd entry is no reason to do without the others.
struct Lossy<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) { value = try? Value(from: decoder) }
}

extension Array {
    /// Those that are what they should be.
    func sound<Value>() -> [Value] where Element == Lossy<Value> { compactMap(\.value) }
}
