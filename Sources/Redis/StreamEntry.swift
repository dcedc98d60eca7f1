/// One entry of a stream.
public struct StreamEntry: Sendable, Equatable {
    /// A field's name and value. Names are text, values are any bytes.
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: [UInt8]

        public init(_ name: String, _ value: [UInt8]) {
            self.name = name
            self.value = value
        }

        public init(_ name: String, _ value: String) {
            self.init(name, Array(value.utf8))
        }
    }

    public let id: StreamEntryID
    /// In the order they were added; a name may come twice. Empty where ``isDeleted``.
    public let fields: [Field]
    /// A consumer's own history names the entry, but the stream no longer has it (`XDEL`).
    public let isDeleted: Bool

    public init(id: StreamEntryID, fields: [Field], isDeleted: Bool = false) {
        self.id = id
        self.fields = fields
        self.isDeleted = isDeleted
    }

    /// The first value of that name.
    public subscript(name: String) -> [UInt8]? {
        fields.first { $0.name == name }?.value
    }
}

/// What one stream gave to a read of several.
public struct StreamRead: Sendable, Equatable {
    public let stream: String
    public let entries: [StreamEntry]
}

extension RedisReply {
    /// `[id, [name, value, …]]`, also as Lua scripts pass it through.
    public func streamEntry() throws(RedisError) -> StreamEntry {
        let parts = try array()
        guard parts.count == 2 else { throw unexpected("a stream entry") }
        let id = try parts[0].streamEntryID()
        guard let words = try parts[1].optionalArray() else { return StreamEntry(id: id, fields: [], isDeleted: true) }
        guard words.count.isMultiple(of: 2) else { throw unexpected("a stream entry's names and values") }
        var fields: [StreamEntry.Field] = []
        fields.reserveCapacity(words.count / 2)
        for position in stride(from: 0, to: words.count, by: 2) {
            fields.append(StreamEntry.Field(try words[position].string(), try words[position + 1].bytes()))
        }
        return StreamEntry(id: id, fields: fields)
    }

    public func streamEntries() throws(RedisError) -> [StreamEntry] {
        try array().map { element throws(RedisError) in try element.streamEntry() }
    }

    /// What `XREAD` and `XREADGROUP` answer. Null, when there was nothing (in time), is no streams.
    public func streamReads() throws(RedisError) -> [StreamRead] {
        try (optionalArray() ?? []).map { element throws(RedisError) in
            let parts = try element.array()
            guard parts.count == 2 else { throw element.unexpected("a stream and its entries") }
            return StreamRead(stream: try parts[0].string(), entries: try parts[1].streamEntries())
        }
    }
}
