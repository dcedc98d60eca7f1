/// How a delivery lies in Redis: one field of 10 to 42 bytes.
///
/// The version · the stage's letter · the job as 8 bytes, big-endian · in version 2, its lane as 8 bytes · if traced, 16
/// bytes of trace and 8 of span. Bytes 1 to 9, stage and job, are the key in `live`, `delayed` and `dead`: scripts cut it
/// out themselves. Version 1 has no lane, and is what a delivery without one is still written as.
enum DeliveryCoding {
    static func payload(of dispatch: Dispatch) -> [UInt8] {
        var bytes: [UInt8] = []
        append(dispatch, to: &bytes)
        return bytes
    }

    /// How long the payload is.
    static func length(_ dispatch: Dispatch) -> Int {
        10 + (dispatch.lane == nil ? 0 : 8) + (dispatch.trace == nil ? 0 : 24)
    }

    static func append(_ dispatch: Dispatch, to bytes: inout [UInt8]) {
        bytes.append(dispatch.lane == nil ? 1 : 2)
        append(key: dispatch.stage, dispatch.job, to: &bytes)
        if let lane = dispatch.lane { append(UInt64(bitPattern: lane), to: &bytes) }
        if let trace = dispatch.trace {
            append(trace.traceHigh, to: &bytes)
            append(trace.traceLow, to: &bytes)
            append(trace.span, to: &bytes)
        }
    }

    /// Stage and job, the key of `live`, `delayed` and `dead`.
    static func key(_ reference: JobReference) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(9)
        append(key: reference.stage, reference.job, to: &bytes)
        return bytes
    }

    struct Payload {
        let stage: UInt8
        let job: Int64
        let lane: Int64?
        let trace: TraceContext?
    }

    /// What is in a payload that a script has checked; nil when it isn't one.
    static func read(_ bytes: ArraySlice<UInt8>) -> Payload? {
        guard let version = bytes.first, version == 1 || version == 2 else { return nil }
        let fixed = version == 1 ? 10 : 18
        guard bytes.count == fixed || bytes.count == fixed + 24 else { return nil }
        let start = bytes.startIndex
        let trace = start + fixed
        return Payload(
            stage: bytes[start + 1], job: Int64(bitPattern: number(bytes, start + 2)),
            lane: version == 1 ? nil : Int64(bitPattern: number(bytes, start + 10)),
            trace: bytes.count == fixed
                ? nil
                : TraceContext(
                    traceHigh: number(bytes, trace), traceLow: number(bytes, trace + 8), span: number(bytes, trace + 16)
                )
        )
    }

    /// The stage's letter and the job in a key; nil when it isn't one.
    static func read(key bytes: [UInt8]) -> (stage: UInt8, job: Int64)? {
        guard bytes.count == 9, let stage = bytes.first else { return nil }
        return (stage, Int64(bitPattern: number(bytes[...], 1)))
    }

    static func append(key stage: Stage, _ job: Int64, to bytes: inout [UInt8]) {
        bytes.append(stage.code)
        append(UInt64(bitPattern: job), to: &bytes)
    }

    static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>, _ start: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in start..<start + 8 { number = number << 8 | UInt64(bytes[index]) }
        return number
    }
}
