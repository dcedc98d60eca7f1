import Foundation

/// Starts children one after the other, and sees what becomes of them.
struct Watch {
    private let options: Options
    /// Seconds without a word from a child that count as a hang: twice what a file is given, for a busy machine.
    private static let patience = 150.0
    /// Megabytes.
    private static let memory = 1200

    private struct Tally {
        var inputs = 0
        var accepted = 0
        var findings: [String] = []
        var peak = 0
    }

    init(_ options: Options) { self.options = options }

    /// Whether nothing was found.
    func run() throws -> Bool {
        let began = ContinuousClock.now
        let end = began + .seconds(options.seconds)
        var tally = Tally()
        var next = options.replay ?? 0
        say("fuzz: seed \(options.seed)")
        while ContinuousClock.now < end || (options.replay != nil && tally.inputs == 0) {
            next = try watch(from: next, until: options.replay == nil ? end : .now, &tally)
            if options.replay != nil { break }
        }
        let seconds = Int((ContinuousClock.now - began) / .seconds(1))
        say(
            "fuzz: seed \(options.seed), \(tally.inputs) damaged files in \(seconds) s, "
                + "\(tally.accepted) uses went through, \(tally.findings.count) findings, at most \(tally.peak) MB")
        for finding in tally.findings { say("fuzz: " + finding) }
        return tally.findings.isEmpty
    }

    /// Watches one child; answers with the iteration that the next one begins with.
    private func watch(from first: Int, until end: ContinuousClock.Instant, _ tally: inout Tally) throws -> Int {
        let child = Process()
        child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = ["--child", "\(first)", "--folder", options.folder, "--seed", "\(options.seed)"]
        child.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": options.folder]) { $1 }
        let pipe = Pipe()
        child.standardOutput = pipe
        child.standardInput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try child.run()
        try? pipe.fileHandleForWriting.close()
        var lines = Lines(pipe.fileHandleForReading.fileDescriptor)
        var (iteration, input): (Int, String?) = (first, nil)
        reading: while true {
            switch lines.next(within: Self.patience) {
            case .line(let line):
                let words = line.split(separator: " ", maxSplits: 2).map(String.init)
                switch words.first {
                case "begin": (iteration, input) = (Int(words[1]) ?? iteration, words.count > 2 ? words[2] : nil)
                case "end": tally.accepted += Int(words[1]) ?? 0
                case "litter": find("left behind \(line.dropFirst(7))", iteration, input, &tally)
                default: break
                }
                guard words.first == "end" || words.first == "litter" else { continue }
                (tally.inputs, input) = (tally.inputs + 1, nil)
                let memory = Self.memory(of: child.processIdentifier)
                tally.peak = max(tally.peak, memory)
                if memory > Self.memory {
                    find("\(memory) MB of memory", iteration, nil, &tally)
                    break reading
                }
                if ContinuousClock.now >= end { break reading }
            case .silence:
                find("hang", iteration, input, &tally)
                break reading
            case .end: break reading
            }
        }
        if child.isRunning { kill(child.processIdentifier, SIGKILL) }
        child.waitUntilExit()
        if child.terminationReason == .uncaughtSignal, child.terminationStatus != SIGKILL {
            find("signal \(child.terminationStatus)", iteration, input, &tally)
        }
        return iteration + 1
    }

    private func find(_ what: String, _ iteration: Int, _ input: String?, _ tally: inout Tally) {
        var place = ""
        if let input {
            try? FileManager.default.createDirectory(atPath: options.findings, withIntermediateDirectories: true)
            place = options.findings + "/\(options.seed)-" + (input as NSString).lastPathComponent
            try? FileManager.default.removeItem(atPath: place)
            try? FileManager.default.copyItem(atPath: input, toPath: place)
        }
        tally.findings.append("\(what): --seed \(options.seed) --replay \(iteration) \(place)")
    }

    /// The most it ever had, in megabytes.
    private static func memory(of process: Int32) -> Int {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }
}

/// Lines from a pipe, waited for no longer than wanted.
private struct Lines {
    enum Answer {
        case line(String)
        case silence
        case end
    }

    private let descriptor: Int32
    private var bytes: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    mutating func next(within seconds: Double) -> Answer {
        while true {
            if let end = bytes.firstIndex(of: 10) {
                let line = String(decoding: bytes[..<end], as: UTF8.self)
                bytes.removeFirst(end + 1)
                return .line(line)
            }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, Int32(seconds * 1000)) > 0 else { return .silence }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return .end }
            bytes += buffer[..<count]
        }
    }
}
