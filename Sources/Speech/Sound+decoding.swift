extension Sound {
    /// Reads a WAV file as other programs write them: PCM of 8 to 32 bits or floating point, any number of channels (their
    /// mean is taken), at 8 to 192 kHz; with or without the extensible header, and with a length that was not known when
    /// the header was written (0 or more than there is), as in what is written to a pipe.
    ///
    /// - Parameter name: what the error calls it.
    public init(decoding bytes: [UInt8], named name: String) throws(SpeechError) {
        func malformed(_ why: String) -> SpeechError {
            SpeechError(.format, "\(name) is not a WAV file of speech: \(why)")
        }
        guard bytes.count >= 12, bytes.tag(0) == "RIFF" || bytes.tag(0) == "RF64", bytes.tag(8) == "WAVE" else {
            throw malformed(bytes.isEmpty ? "it is empty" : "it has no RIFF header")
        }
        var format: Layout?
        var offset = 12
        while offset + 8 <= bytes.count {
            let body = offset + 8
            let stated = bytes.number(offset + 4, count: 4)
            let length = min(stated, bytes.count - body)
            switch bytes.tag(offset) {
            case "fmt ":
                guard let layout = Layout(bytes[body..<(body + length)]) else {
                    throw malformed("its samples are of a kind that is not read")
                }
                format = layout
            case "data":
                guard let format else { throw malformed("its data comes before its format") }
                // A length of zero with bytes after it was never filled in.
                let data = body..<(stated == 0 ? bytes.count : body + length)
                self.init(sampleRate: format.sampleRate, samples: format.samples(bytes, in: data))
                return
            default: break
            }
            // Chunks begin at even offsets.
            offset = body + stated + stated % 2
        }
        throw malformed("it has no data")
    }

    /// How the samples lie in the file.
    private struct Layout {
        let sampleRate: Int
        let channels: Int
        let bytesPerSample: Int
        let isFloat: Bool

        /// - Parameter chunk: the body of `fmt `.
        init?(_ chunk: ArraySlice<UInt8>) {
            let chunk = Array(chunk)
            guard chunk.count >= 16 else { return nil }
            var kind = chunk.number(0, count: 2)
            // WAVE_FORMAT_EXTENSIBLE: the kind is the beginning of a GUID.
            if kind == 0xFFFE, chunk.count >= 26 { kind = chunk.number(24, count: 2) }
            channels = chunk.number(2, count: 2)
            sampleRate = chunk.number(4, count: 4)
            let bits = chunk.number(14, count: 2)
            bytesPerSample = bits / 8
            isFloat = kind == 3
            let isKnown = isFloat ? bits == 32 || bits == 64 : kind == 1 && [8, 16, 24, 32].contains(bits)
            guard isKnown, (1...64).contains(channels), (8_000...192_000).contains(sampleRate) else { return nil }
        }

        func samples(_ bytes: [UInt8], in data: Range<Int>) -> [Int16] {
            let frame = channels * bytesPerSample
            let count = data.count / frame
            return bytes.withUnsafeBytes { raw in
                (0..<count).map { index in
                    var sum = 0.0
                    for channel in 0..<channels {
                        sum += sample(raw, at: data.lowerBound + index * frame + channel * bytesPerSample)
                    }
                    return Int16(max(-32_768, min(32_767, (sum / Double(channels)).rounded())))
                }
            }
        }

        /// On the scale of 16 bits.
        private func sample(_ raw: UnsafeRawBufferPointer, at offset: Int) -> Double {
            func load<Number: FixedWidthInteger>(_: Number.Type) -> Number {
                Number(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Number.self))
            }
            func whole(_ number: Float64) -> Double { number.isFinite ? number * 32_768 : 0 }
            return switch (isFloat, bytesPerSample) {
            case (true, 4): whole(Double(Float32(bitPattern: load(UInt32.self))))
            case (true, _): whole(Float64(bitPattern: load(UInt64.self)))
            case (false, 1): (Double(raw[offset]) - 128) * 256
            case (false, 2): Double(load(Int16.self))
            case (false, 3): Double(Int(Int8(bitPattern: raw[offset + 2])) << 16 | Int(load(UInt16.self))) / 256
            default: Double(load(Int32.self)) / 65_536
            }
        }
    }
}

extension [UInt8] {
    fileprivate func number(_ offset: Int, count: Int) -> Int {
        self[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    fileprivate func tag(_ offset: Int) -> String { String(decoding: self[offset..<(offset + 4)], as: UTF8.self) }
}

extension Sound {
    /// Without the silence before the first and after the last sound that is heard, but for a margin in seconds, over
    /// which it rises and falls. Empty if nothing is heard at all.
    public func trimmed(margin: Double) -> Sound { Utterance(sound: self, spans: []).trimmed(margin: margin).sound }
}
