import Redis

// Many deliveries travel as one argument and one reply: for Redis, Lua and us each word of its own costs more than its
// bytes. The forms are told in prelude.lua, where they are read and written.

extension RedisArgument {
    /// As `unpack_dispatches` reads them.
    static func packed(_ dispatches: some Collection<Dispatch>) -> RedisArgument {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(dispatches.count * 46)
        for dispatch in dispatches {
            bytes.append(dispatch.priority.code)
            bytes.append(UInt8(DeliveryCoding.length(dispatch)))
            DeliveryCoding.append(dispatch, to: &bytes)
            if let due = dispatch.due {
                let text = due.argument.utf8
                bytes.append(UInt8(text.count))
                bytes += text
            } else {
                bytes.append(0)
            }
        }
        return RedisArgument(bytes: bytes)
    }

    /// As `hand` reads them.
    ///
    /// - Parameter extra: the byte of the caller's for each.
    static func packed<Element>(
        _ elements: some Collection<Element>, _ delivery: (Element) -> Delivery, extra: (Element) -> Int = { _ in 0 }
    ) -> RedisArgument {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(elements.count * 40)
        for element in elements {
            let delivery = delivery(element)
            DeliveryCoding.append(key: delivery.stage, delivery.job, to: &bytes)
            if let lane = delivery.lane {
                bytes.append(8)
                DeliveryCoding.append(UInt64(bitPattern: lane), to: &bytes)
            } else {
                bytes.append(0)
            }
            let length = bytes.count
            bytes.append(0)
            bytes.append(delivery.priority.code)
            append(decimal: delivery.entryID.milliseconds, to: &bytes)
            bytes.append(UInt8(ascii: "-"))
            append(decimal: delivery.entryID.sequence, to: &bytes)
            bytes[length] = UInt8(bytes.count - length - 1)
            bytes.append(UInt8(clamping: extra(element)))
        }
        return RedisArgument(bytes: bytes)
    }

    private static func append(decimal number: UInt64, to bytes: inout [UInt8]) {
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}

extension QueueTopology {
    /// Reads what `accept` has taken.
    func deliveries(_ reply: RedisReply) throws(RedisError) -> [Delivery] {
        let bytes = try reply.bytes()
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(bytes.count / 54)
        var at = 0
        while at < bytes.count {
            guard at + 4 <= bytes.count, let priority = priority(code: bytes[at]) else { throw Self.malformed }
            let times = Int(bytes[at + 1])
            let (idEnd, end) = (at + 4 + Int(bytes[at + 2]), at + 4 + Int(bytes[at + 2]) + Int(bytes[at + 3]))
            guard end <= bytes.count, let entryID = StreamEntryID(decimal: bytes[at + 4..<idEnd]),
                let payload = DeliveryCoding.read(bytes[idEnd..<end]), let stage = stage(code: payload.stage)
            else { throw Self.malformed }
            deliveries.append(
                Delivery(
                    partition: partition, job: payload.job, stage: stage, priority: priority, lane: payload.lane,
                    trace: payload.trace,
                    entryID: entryID, timesDelivered: times))
            at = end
        }
        return deliveries
    }

    private static var malformed: RedisError {
        RedisError(.unexpectedReply, mayHaveRun: true, "expected packed deliveries")
    }
}

extension StreamEntryID {
    /// Reads `1700000000000-0`; nil for anything else.
    init?(decimal bytes: ArraySlice<UInt8>) {
        var (numbers, part, digits) = ((UInt64(0), UInt64(0)), 0, 0)
        for byte in bytes {
            if byte == UInt8(ascii: "-"), part == 0, digits > 0 {
                (part, digits) = (1, 0)
                continue
            }
            guard (0x30...0x39).contains(byte), digits < 19 else { return nil }
            let digit = UInt64(byte - 0x30)
            if part == 0 { numbers.0 = numbers.0 * 10 + digit } else { numbers.1 = numbers.1 * 10 + digit }
            digits += 1
        }
        guard part == 1, digits > 0 else { return nil }
        self.init(milliseconds: numbers.0, sequence: numbers.1)
    }
}
