/// Which statements one connection has prepared, by their text. Forgets the least recently used beyond its capacity.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: Int
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses = 0
    private var named = 0

    init(capacity: Int = 256) {
        self.capacity = capacity
    }

    /// The name the statement was prepared under; nil when it has to be prepared.
    mutating func name(of statement: String) -> String? {
        guard let index = entries.index(forKey: statement) else { return nil }
        uses += 1
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    /// A name never used before on this connection.
    mutating func newName() -> String {
        named += 1
        return "s\(named)"
    }

    /// Returns the name of the statement that had to make room, to be deallocated.
    mutating func insert(_ statement: String, name: String) -> String? {
        var evicted: String?
        if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            evicted = oldest.value.name
        }
        uses += 1
        entries[statement] = Entry(name: name, lastUse: uses)
        return evicted
    }

    mutating func remove(_ statement: String) {
        entries[statement] = nil
    }
}
