/// How a delivery lies in Redis: one field of 10 or 34 bytes.
///
/// Version 1: the byte 1 · the stage's letter · the job as 8 bytes, big-endian · if traced, 16 bytes of trace and 8 of
/// span. Bytes 1 to 9, stage and job, are the key in `live`, `delayed` and `dead`: scripts cut it out themselves.
enum DeliveryCoding {
    static let version: UInt8 = 1

    static func payload(job: Int64, stage: Stage, trace: TraceContext?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(trace == nil ? 10 : 34)
        bytes.append(version)
        append(key: JobReference(job: job, stage: stage), to: &bytes)
        if let trace {
            append(trace.traceHigh, to: &bytes)
            append(trace.traceLow, to: &bytes)
            append(trace.span, to: &bytes)
        }
        return bytes
    }

    /// Stage and job, the key of `live`, `delayed` and `dead`.
    static func key(_ reference: JobReference) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(9)
        append(key: reference, to: &bytes)
        return bytes
    }

    /// The job and the trace in a payload that a script has checked; nil when it isn't one.
    static func read(_ bytes: some RandomAccessCollection<UInt8>) -> (stage: UInt8, job: Int64, trace: TraceContext?)? {
        guard bytes.count == 10 || bytes.count == 34, bytes.first == version else { return nil }
        let rest = bytes.dropFirst(2)
        let stage = bytes[bytes.index(after: bytes.startIndex)]
        let trace: TraceContext? =
            bytes.count == 34
            ? TraceContext(
                traceHigh: number(rest.dropFirst(8)), traceLow: number(rest.dropFirst(16)),
                span: number(rest.dropFirst(24)))
            : nil
        return (stage, Int64(bitPattern: number(rest)), trace)
    }

    /// The stage's letter and the job in a key; nil when it isn't one.
    static func read(key bytes: some RandomAccessCollection<UInt8>) -> (stage: UInt8, job: Int64)? {
        guard bytes.count == 9, let stage = bytes.first else { return nil }
        return (stage, Int64(bitPattern: number(bytes.dropFirst())))
    }

    private static func append(key reference: JobReference, to bytes: inout [UInt8]) {
        bytes.append(reference.stage.code)
        append(UInt64(bitPattern: reference.job), to: &bytes)
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
