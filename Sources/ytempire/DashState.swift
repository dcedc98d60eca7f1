import Ledger
import Production

/// A key, or what else a person can do to the screen.
enum DashKey: Equatable {
    case up, down
    case letter(Character)

    /// Reads what a terminal sends: letters, and the arrows' sequences. The rest is nothing.
    static func read(_ bytes: [UInt8]) -> [DashKey] {
        var (keys, index): ([DashKey], Int) = ([], 0)
        while index < bytes.count {
            if bytes[index] == 0x1B {
                // ESC [ A and ESC O A; longer sequences end with a letter or a tilde.
                guard index + 2 < bytes.count, bytes[index + 1] == 0x5B || bytes[index + 1] == 0x4F else { break }
                var end = index + 2
                while end < bytes.count, !(0x40...0x7E).contains(bytes[end]) { end += 1 }
                if end == index + 2, bytes[end] == 0x41 { keys.append(.up) }
                if end == index + 2, bytes[end] == 0x42 { keys.append(.down) }
                index = end + 1
            } else {
                // Ctrl-C and Ctrl-D end it, as people expect.
                let byte = bytes[index] == 3 || bytes[index] == 4 ? UInt8(ascii: "q") : bytes[index]
                if (0x20..<0x7F).contains(byte) { keys.append(.letter(Character(Unicode.Scalar(byte)))) }
                index += 1
            }
        }
        return keys
    }
}

/// What a key asks the program to do.
enum DashAction: Equatable {
    case quit, stopAll, start
    case pause(Production.Stage)
    case resume(Production.Stage)
    case retry(Int64)
    case cancel(Int64)
    case drop(Int64)

    /// For the question.
    var words: String {
        switch self {
        case .quit: "Quit"
        case .stopAll: "Stop the whole fleet"
        case .start: "Start the fleet again"
        case .pause(let stage): "Pause \(stage.rawValue)"
        case .resume(let stage): "Resume \(stage.rawValue)"
        case .retry(let job): "Retry job \(job)"
        case .cancel(let job): "Cancel job \(job)"
        case .drop(let job): "Give dead letter \(job) up for good"
        }
    }
}

extension DashAction {
    /// For the audit, in the words of the command that does the same.
    func note(by person: Operator) -> AuditNote {
        let (command, subject) =
            switch self {
            case .quit: ("dash", "")
            case .stopAll: ("stop", "--all")
            case .start: ("start", "--all")
            case .pause(let stage): ("queue pause", stage.rawValue)
            case .resume(let stage): ("queue resume", stage.rawValue)
            case .retry(let job): ("job retry", "\(job)")
            case .cancel(let job): ("job cancel", "\(job)")
            case .drop(let job): ("dead drop", "\(job)")
            }
        return person.note(command, subject, reason: "in dash")
    }
}

/// What is selected on the screen, and what it asks or says: a pure value that keys change.
struct DashState: Equatable {
    enum Item: Equatable {
        case stage(Production.Stage)
        case job(Int64)
    }

    var selected: Item?
    /// Asked for, and not yet confirmed.
    var question: DashAction?
    /// All keys are shown, until the next one.
    var showsKeys = false
    /// What became of the last action; goes with the next key.
    var message: String?

    /// What can be selected, from top to bottom.
    static func items(of snapshot: DashSnapshot) -> [Item] {
        var items = snapshot.stages.map { Item.stage($0.stage) }
        for job in snapshot.workers.flatMap({ $0.work.map(\.job) }) + snapshot.errors.map(\.job) {
            if !items.contains(.job(job)) { items.append(.job(job)) }
        }
        return items
    }

    /// Takes a key. Answers what is to be done now; what destroys is asked first.
    mutating func press(_ key: DashKey, on snapshot: DashSnapshot) -> DashAction? {
        if let asked = question {
            question = nil
            if key == .letter("y") { return asked }
            message = "Nothing was changed."
            return nil
        }
        message = nil
        if showsKeys {
            showsKeys = false
            return key == .letter("q") ? .quit : nil
        }
        switch key {
        case .up, .letter("k"): move(-1, on: snapshot)
        case .down, .letter("j"): move(1, on: snapshot)
        case .letter("q"): return .quit
        case .letter("?"): showsKeys = true
        case .letter("p"):
            guard case .stage(let stage) = selected else {
                message = "Select a stage first (j and k): p pauses or resumes it."
                return nil
            }
            let isPaused = snapshot.stages.contains { $0.stage == stage && $0.isPaused }
            return isPaused ? .resume(stage) : .pause(stage)
        case .letter("r"): return job.map { .retry($0) }
        case .letter("C"): question = job.map { .cancel($0) }
        case .letter("D"): question = job.map { .drop($0) }
        case .letter("S"):
            question = snapshot.stops.contains { $0.scope == "fleet" } ? .start : .stopAll
        case .letter: break
        }
        return nil
    }

    private var job: Int64? {
        mutating get {
            if case .job(let job) = selected { return job }
            message = "Select a job first (j and k)."
            return nil
        }
    }

    private mutating func move(_ step: Int, on snapshot: DashSnapshot) {
        let items = Self.items(of: snapshot)
        guard let current = selected.flatMap({ items.firstIndex(of: $0) }) else {
            selected = step > 0 ? items.first : items.last
            return
        }
        selected = items[min(max(0, current + step), items.count - 1)]
    }
}
