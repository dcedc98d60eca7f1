/// What a script says, in a form in which two scripts can be compared: the hashes of all runs of five words.
///
/// Runs of five as in Broder's "On the resemblance and containment of documents" (1997): long enough that two texts on one
/// subject share few of them, short enough that a rewritten sentence still leaves some.
package struct Shingles: Sendable, Equatable {
    package let hashes: Set<Int64>

    package init(hashes: some Sequence<Int64>) { self.hashes = Set(hashes) }

    /// Of a text's words, without regard to case and punctuation.
    package init(of text: String) {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
        let length = min(Self.length, max(words.count, 1))
        var hashes: Set<Int64> = []
        if !words.isEmpty {
            for start in 0...(words.count - length) {
                hashes.insert(Self.hash(words[start..<(start + length)]))
            }
        }
        self.hashes = hashes
    }

    /// Of everything a storyboard says that its channel does not say in every video.
    package init(of storyboard: Storyboard) {
        self.init(of: storyboard.scenes.map(\.told).joined(separator: "\n"))
    }

    /// How much of the two is common: from 0, nothing, to 1, the same.
    package func resemblance(to other: Shingles) -> Double {
        let common = hashes.intersection(other.hashes).count
        let all = hashes.count + other.hashes.count - common
        return all == 0 ? 0 : Double(common) / Double(all)
    }

    private static let length = 5

    /// FNV-1a, 64 bits: the same in every process and version, as what is kept in Postgres must be.
    private static func hash(_ words: ArraySlice<Substring>) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for word in words {
            for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0x20) &* 0x100_0000_01B3
        }
        return Int64(bitPattern: hash)
    }
}

/// A script that a channel has used, as far as later ones must know it.
package struct PastScript: Sendable, Equatable {
    package let title: String
    package let shingles: Shingles

    package init(title: String, shingles: Shingles) { (self.title, self.shingles) = (title, shingles) }
}
