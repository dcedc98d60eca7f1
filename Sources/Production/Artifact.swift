/// An immutable file, named by what is in it.
package struct Artifact: Sendable, Hashable, Identifiable {
    /// The SHA-256 of the bytes.
    package struct ID: Sendable, Hashable, CustomStringConvertible {
        /// 32 bytes
        package let bytes: [UInt8]

        package init?(bytes: [UInt8]) {
            guard bytes.count == 32 else { return nil }
            self.bytes = bytes
        }

        package init?(hex: String) {
            var bytes: [UInt8] = []
            var high: UInt8?
            for character in hex {
                guard character.isASCII, let digit = character.hexDigitValue else { return nil }
                if let first = high {
                    bytes.append(first << 4 | UInt8(digit))
                    high = nil
                } else {
                    high = UInt8(digit)
                }
            }
            guard high == nil else { return nil }
            self.init(bytes: bytes)
        }

        /// Lower-case hexadecimal, 64 digits.
        package var description: String { bytes.hexadecimal }
    }

    /// What an artifact is to its job.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case storyboard, narration, timings, video, captions, cut, manifest
        /// The one that is shown, others to test it against, and one for players that stand upright.
        case thumbnail
        case thumbnailB = "thumbnail-b"
        case thumbnailC = "thumbnail-c"
        case thumbnailVertical = "thumbnail-vertical"
        /// The captions as WebVTT; `captions` is SubRip.
        case webVTT = "captions-vtt"

        /// The stage that makes it.
        package var stage: Stage {
            switch self {
            case .storyboard: .script
            case .narration, .timings: .voice
            case .video, .captions, .webVTT, .cut, .manifest, .thumbnail, .thumbnailB, .thumbnailC, .thumbnailVertical:
                .render
            }
        }
    }

    package let id: ID
    package let bytes: Int64

    package init(id: ID, bytes: Int64) { (self.id, self.bytes) = (id, bytes) }
}

/// As its 64 digits.
extension Artifact.ID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Artifact.ID(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "an artifact's name has 64 hexadecimal digits")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
