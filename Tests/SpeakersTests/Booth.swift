import Foundation
import Production
import Speech
import SpeechPeers
import Testing

/// Where a narration is tried: a folder of its own, gone at the end.
final class Booth: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "speakers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var sound: URL { folder.appending(path: "narration.wav") }
}

extension Storyboard {
    static let outro = "Thanks for watching the lighthouse channel. See you again tomorrow evening."

    static func spoken(
        _ scenes: [(Scene.Kind, String)], language: String = "en", title: String = "The keepers"
    ) -> Storyboard {
        Storyboard(
            title: title, description: "", tags: [], language: language,
            source: Source(key: "1", title: "t", link: nil, author: nil),
            scenes: scenes.map {
                Scene(kind: $0, narration: $1, heading: "", picture: PictureBrief(about: "lighthouse"))
            })
    }

    static let lighthouse = spoken([
        (.opening, "Welcome to the lighthouse channel, where the lamps never go out."),
        (
            .body,
            "Before there was electric light, a keeper carried oil up the stairs every night. The lamp burned until the"
                + " morning, and nobody on the ships knew his name."
        ),
        (
            .body,
            "In 1822 a French engineer built a lens of glass rings. It threw the beam of one small flame for 20 miles."
        ),
        (.closing, outro),
    ])
}

/// Where in a narration the sound of a take is really heard: found by the samples themselves, whatever anybody says of times.
struct TruthInSound {
    private let narration: [Float]
    /// Hz of what is compared.
    private static let rate = 4_000

    init(_ file: URL) throws { narration = Self.thinned(try Sound(wav: file.path)) }

    /// - Parameter near: seconds, where a word of the take is said to be heard.
    /// - Returns: seconds by which the take's own times have to be moved.
    func shift(of take: PeerVoice.Take, word: Int, near: Double) -> Double {
        let sound = Self.thinned(take.sound)
        let from = Int(take.words[word].lowerBound * Double(Self.rate))
        let length = min(Self.rate * 2 / 5, sound.count - from)
        let (reach, expected) = (Self.rate / 5, Int(near * Double(Self.rate)))
        var best = (lag: 0, value: -Float.infinity)
        sound.withUnsafeBufferPointer { sound in
            narration.withUnsafeBufferPointer { narration in
                for lag in -reach...reach {
                    let start = expected + lag
                    guard start >= 0, start + length <= narration.count else { continue }
                    var (product, energy): (Float, Float) = (0, 1)
                    var index = 0
                    while index < length {
                        let other = narration[start &+ index]
                        product += sound[from &+ index] * other
                        energy += other * other
                        index &+= 1
                    }
                    let value = product / energy.squareRoot()
                    if value > best.value { best = (start - from, value) }
                }
            }
        }
        return Double(best.lag) / Double(Self.rate)
    }

    private static func thinned(_ sound: Sound) -> [Float] {
        let step = sound.sampleRate / rate
        return sound.samples.withUnsafeBufferPointer { samples in
            (0..<(samples.count / step)).map { index in
                var sum = 0
                for offset in 0..<step { sum += Int(samples[index * step + offset]) }
                return Float(sum) / Float(step)
            }
        }
    }

    /// Seconds by which each word's beginning and end are told wrong.
    static func errors(of narration: Narration, in file: URL, takes: [PeerVoice.Take]) throws -> [(Double, Double)] {
        let truth = try TruthInSound(file)
        var (index, errors): (Int, [(Double, Double)]) = (0, [])
        for take in takes {
            let words = narration.words[index..<(index + take.words.count)]
            // The longest word's sound is the surest.
            let word =
                take.words.indices.max {
                    take.words[$0].upperBound - take.words[$0].lowerBound
                        < take.words[$1].upperBound - take.words[$1].lowerBound
                } ?? 0
            let shift = truth.shift(of: take, word: word, near: words[index + word].start)
            for (told, real) in zip(words, take.words) {
                errors.append((abs(told.start - real.lowerBound - shift), abs(told.end - real.upperBound - shift)))
            }
            index += take.words.count
        }
        #expect(index == narration.words.count)
        return errors
    }
}

/// A clock that stands, and sleeps that end at once.
let standing: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_795_000_000) }
let noSleep: @Sendable (Duration) async throws -> Void = { _ in try Task.checkCancellation() }
