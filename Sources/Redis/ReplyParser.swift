import CHiredis

/// Turns the bytes Redis sends into replies, however they are split, by hiredis' reader. Frees its C state when its owner lets go of it.
struct ReplyParser: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>

    /// hiredis moves what is left of its buffer to the front again and again while it drains it, so it is given little at a time.
    private static let slice = 16 * 1024

    init() throws(RedisError) {
        guard let reader = redisReaderCreate() else { throw RedisError(.protocolError, "no memory for a reply parser") }
        self.reader = reader
        // Keep the buffer between reads instead of freeing it whenever it is empty.
        reader.pointee.maxbuf = 1 << 20
    }

    deinit { redisReaderFree(reader) }

    /// Takes in bytes and hands out each reply they complete, in order. After an error nothing more can be parsed.
    func feed(_ bytes: UnsafeRawBufferPointer, each take: (RedisReply) -> Void) throws(RedisError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.slice))
            rest = rest.dropFirst(part.count)
            try check(redisReaderFeed(reader, part.baseAddress?.assumingMemoryBound(to: CChar.self), part.count))
            while let reply = try next() { take(reply) }
        }
    }

    private func next() throws(RedisError) -> RedisReply? {
        var object: UnsafeMutableRawPointer?
        try check(redisReaderGetReply(reader, &object))
        guard let object else { return nil }
        defer { freeReplyObject(object) }
        return try Self.reply(object.assumingMemoryBound(to: redisReply.self))
    }

    private func check(_ status: Int32) throws(RedisError) {
        guard status != REDIS_OK else { return }
        let message = withUnsafeBytes(of: &reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        throw RedisError(.protocolError, message)
    }

    private static func reply(_ pointer: UnsafePointer<redisReply>) throws(RedisError) -> RedisReply {
        let object = pointer.pointee
        switch object.type {
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_INTEGER: return .integer(object.integer)
        case REDIS_REPLY_STRING: return .bytes([UInt8](bytes(of: object)))
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes(of: object), as: UTF8.self))
        case REDIS_REPLY_ERROR: return .error(String(decoding: bytes(of: object), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            var elements: [RedisReply] = []
            elements.reserveCapacity(object.elements)
            for index in 0..<object.elements {
                // The reader hands out only whole trees, so no element is missing.
                guard let element = object.element[index] else { throw RedisError(.protocolError, "incomplete array") }
                elements.append(try reply(element))
            }
            return .array(elements)
        default:
            throw RedisError(.protocolError, "reply type \(object.type) is not RESP2")
        }
    }

    private static func bytes(of object: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: object.str, count: object.len)
    }
}
