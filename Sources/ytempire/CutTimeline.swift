import Fleet
import Foundation
import Media
import Production

/// A cut as people read it.
struct CutTimeline {
    let cut: Cut
    let job: Job.ID

    var text: String {
        var table = Table(
            "TIME", "LASTS", Column("SEEN", .clippedInMiddle), "COMES IN BY", Column("WRITTEN", .clipped),
            Column("SAID", .clipped), empty: "There is nothing in it.")
        for shot in cut.shots {
            table.add(
                clock(shot.frames.lowerBound), "\(seconds(shot.frames.count).formatted(decimals: 1)) s",
                seen(shot.source), shot.transition.words(cut.frameRate),
                cut.titles.filter { shot.frames.contains($0.frames.lowerBound) }.map(\.words).joined(separator: "; "),
                said(shot.frames))
        }
        var lines = [
            "The cut of job \(job): \(cut.size.width)×\(cut.size.height), \(cut.frameRate) frames a second, "
                + "\(clock(cut.frameCount)) in \(cut.shots.count) \(cut.shots.count == 1 ? "shot" : "shots")",
            "  music: \(music)",
        ]
        if let logo = cut.logo { lines.append("  logo: \(logo.file)") }
        if !cut.sound.others.isEmpty {
            lines.append("  also heard: \(cut.sound.others.map(\.file).joined(separator: ", "))")
        }
        lines += ["", table.text.trimmingNewlines]
        if !cut.chapters.isEmpty {
            lines += ["", "Chapters"]
            lines += cut.chapters.map { "  \(Phrases.length($0.start))  \(oneLine($0.title))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var music: String {
        switch cut.sound.music?.source {
        case .file(let file): file
        case .composed(_, let mood): "composed, \(mood.rawValue)"
        case nil: "none"
        }
    }

    private func seconds(_ frames: Int) -> Double { Double(frames) / Double(cut.frameRate) }

    /// `1:04.5`
    private func clock(_ frame: Int) -> String {
        let tenths = Int((seconds(frame) * 10).rounded())
        return "\(tenths / 600):\(tenths / 10 % 60 < 10 ? "0" : "")\(tenths / 10 % 60).\(tenths % 10)"
    }

    private func seen(_ source: Shot.Source) -> String {
        switch source {
        case .still(let file, let motion):
            let (from, to) = (motion.start.width * motion.start.height, motion.end.width * motion.end.height)
            return "\(file), \(to < from ? "coming closer" : "going back")"
        case .clip(let clip):
            let part = "\(clip.part.lowerBound.formatted(decimals: 1))–\(clip.part.upperBound.formatted(decimals: 1)) s"
            let pace = clip.loops ? ", repeated" : clip.speed == 1 ? "" : ", at \(clip.speed.formatted(decimals: 2))×"
            return "\(clip.file), \(part)\(pace)"
        case .plain: return "the background"
        }
    }

    /// The first words that begin meanwhile.
    private func said(_ frames: Range<Int>) -> String {
        let span = seconds(frames.lowerBound)..<seconds(frames.upperBound)
        return cut.captions.pages.lazy.flatMap(\.lines).joined().filter { span.contains($0.start) }
            .prefix(12).map(\.text).joined(separator: " ")
    }
}

extension Transition {
    /// `dissolve, 0.5 s`
    fileprivate func words(_ frameRate: Int) -> String {
        kind == .cut ? "cut" : "\(kind.rawValue), \((Double(frames) / Double(frameRate)).formatted(decimals: 1)) s"
    }
}

extension Title {
    fileprivate var words: String {
        let kind =
            switch kind {
            case .card: "title"
            case .label: "label"
            case .lowerThird: "lower third"
            }
        return "\(kind): \(text)" + (detail.isEmpty ? "" : " (\(detail))")
    }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = self
        while text.last == "\n" { text.removeLast() }
        return text
    }
}
