import Foundation

/// SplitMix64 (Steele, Lea and Flood, 2014): the same seed, the same damage.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, iteration: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(iteration) &* 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Ways to damage a file.
enum Damage: CaseIterable {
    case truncate, flipBits, changeBytes, writeNumber, clearBlock, moveBlock, repeatBlock, insertBlock

    /// One to four of them.
    static func apply(to bytes: inout [UInt8], with dice: inout Dice) {
        for _ in 0..<Int.random(in: 1...4, using: &dice) where bytes.count > 16 {
            (allCases.randomElement(using: &dice) ?? .truncate).apply(to: &bytes, with: &dice)
        }
    }

    private func apply(to bytes: inout [UInt8], with dice: inout Dice) {
        switch self {
        case .truncate: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &dice))
        case .flipBits:
            for _ in 0..<Int.random(in: 1...24, using: &dice) {
                bytes[place(in: bytes, &dice)] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            }
        case .changeBytes:
            for _ in 0..<Int.random(in: 1...24, using: &dice) {
                bytes[place(in: bytes, &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
        case .writeNumber:
            // What lengths and counts are tested with least.
            let number: UInt32 =
                [0, 1, 0x7F, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF].randomElement(using: &dice) ?? 0
            let at = min(place(in: bytes, &dice), bytes.count - 4)
            withUnsafeBytes(of: Bool.random(using: &dice) ? number.bigEndian : number.littleEndian) {
                bytes.replaceSubrange(at..<at + 4, with: $0)
            }
        case .clearBlock:
            let block = block(in: bytes, &dice)
            for index in block { bytes[index] = 0 }
        case .moveBlock:
            let block = block(in: bytes, &dice)
            let part = Array(bytes[block])
            bytes.removeSubrange(block)
            bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &dice))
        case .repeatBlock:
            let block = block(in: bytes, &dice)
            bytes.insert(contentsOf: Array(bytes[block]), at: block.upperBound)
        case .insertBlock:
            let part = (0..<Int.random(in: 1...64, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
            bytes.insert(contentsOf: part, at: place(in: bytes, &dice))
        }
    }

    /// Every other time near the beginning or the end, where headers and indexes are.
    private func place(in bytes: [UInt8], _ dice: inout Dice) -> Int {
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: Int.random(in: 0..<min(bytes.count, 512), using: &dice)
        case 1: Int.random(in: max(0, bytes.count - 1024)..<bytes.count, using: &dice)
        default: Int.random(in: 0..<bytes.count, using: &dice)
        }
    }

    private func block(in bytes: [UInt8], _ dice: inout Dice) -> Range<Int> {
        let begin = place(in: bytes, &dice)
        return begin..<min(bytes.count, begin + Int.random(in: 1...256, using: &dice))
    }
}
