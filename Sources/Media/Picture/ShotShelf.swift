import Synchronization

/// The pictures of a video's shots, loaded when first drawn and shared by all segments that show them. Keeps a few.
final class ShotShelf: Sendable {
    private enum Place {
        case loading
        case loaded(any ShotPicture, uses: Int)
        case refused(MediaError)
    }

    private struct State {
        var places: [Int: Place] = [:]
        var clock = 0
    }

    private let cut: Cut
    private let flag: CancellationFlag
    /// Pictures that are kept. Each takes about 10 MB at 1080p.
    private let capacity: Int
    private let lanes: Int
    private let limits: MediaLimits
    private let state = Mutex(State())
    private let changed = ThreadSignal()

    /// - Parameters:
    ///   - lanes: how many draw at once; each may show two shots.
    ///   - limits: of each file.
    init(_ cut: Cut, lanes: Int, limits: MediaLimits = MediaLimits(), flag: CancellationFlag) {
        (self.cut, self.lanes, self.limits, self.flag, capacity) = (cut, lanes, limits, flag, 2 * lanes + 1)
    }

    /// The channel's sign, for one who draws.
    func logo() throws(MediaError) -> LogoMark? {
        guard let logo = cut.logo else { return nil }
        return try LogoMark(logo, in: cut.size, limits: limits, flag: flag)
    }

    /// The picture of shot `index`. Blocks while it is loaded, here or by another thread.
    func picture(of index: Int) throws(MediaError) -> any ShotPicture {
        while true {
            enum Answer {
                case found(any ShotPicture)
                case refused(MediaError)
                case mine
                case wait(ThreadSignal.Ticket)
            }
            let ticket = changed.ticket
            let answer = state.withLock { (state: inout State) -> Answer in
                state.clock += 1
                switch state.places[index] {
                case .loaded(let picture, _):
                    state.places[index] = .loaded(picture, uses: state.clock)
                    return .found(picture)
                case .refused(let error): return .refused(error)
                case .loading: return .wait(ticket)
                case nil:
                    state.places[index] = .loading
                    return .mine
                }
            }
            switch answer {
            case .found(let picture): return picture
            case .refused(let error): throw error
            case .wait(let ticket): changed.wait(past: ticket)
            case .mine: return try load(index)
            }
        }
    }

    private func load(_ index: Int) throws(MediaError) -> any ShotPicture {
        do {
            let picture = try make(index)
            state.withLock { state in
                state.places[index] = .loaded(picture, uses: state.clock)
                let loaded = state.places.compactMap { place -> (index: Int, uses: Int)? in
                    if case .loaded(_, let uses) = place.value { (place.key, uses) } else { nil }
                }
                // The ones not asked for the longest.
                for place in loaded.sorted(by: { $0.uses < $1.uses }).dropLast(capacity) {
                    state.places[place.index] = nil
                }
            }
            changed.signal()
            return picture
        } catch {
            state.withLock { $0.places[index] = .refused(error) }
            changed.signal()
            throw error
        }
    }

    private func make(_ index: Int) throws(MediaError) -> any ShotPicture {
        switch cut.shots[index].source {
        case .still(let file, let motion):
            try MovingPicture(file, size: cut.size, motion: motion, limits: limits, flag: flag)
        case .plain(let colour): PlainPicture(colour)
        // With several lanes each processor has work already.
        case .clip(let clip):
            ClipPicture(clip, size: cut.size, limits: limits, threads: lanes > 1 ? 1 : 2, flag: flag)
        }
    }
}
