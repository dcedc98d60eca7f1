import Foundation

/// A program that is run to be measured: how long it took, and how much memory and processor time.
struct ChildProcess {
    struct Cost: Sendable {
        /// Seconds
        var wall = 0.0
        var cpu = 0.0
        /// Of the most it had in memory at once, MB.
        var resident = 0.0
        var status: Int32 = 0
    }

    struct Failure: Error, CustomStringConvertible {
        let program: String
        let status: Int32
        var description: String { "\(program) ended with status \(status)" }
    }

    private let pid: pid_t
    private let program: String
    private let began = ContinuousClock.now
    private let output: FileHandle

    /// Starts `arguments[0]`, found by PATH. Its standard output can be read by ``lines``; its standard error is ours.
    init(_ arguments: [String]) throws {
        program = arguments.first ?? ""
        let pipe = Pipe()
        output = pipe.fileHandleForReading
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe.fileHandleForWriting.fileDescriptor, 1)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let status = posix_spawnp(&child, program, &actions, nil, &words, environ)
        try pipe.fileHandleForWriting.close()
        guard status == 0 else { throw Failure(program: program, status: status) }
        pid = child
    }

    /// What it writes, line by line, until it ends.
    func lines(_ each: (Substring) -> Void) {
        var rest = ""
        while true {
            // What is there: a read of so many bytes would wait for all of them.
            let bytes = output.availableData
            if bytes.isEmpty {
                // A last line need not end like the others.
                if !rest.isEmpty { each(rest[...]) }
                return
            }
            rest += String(decoding: bytes, as: UTF8.self)
            let parts = rest.split(separator: "\n", omittingEmptySubsequences: false)
            parts.dropLast().forEach(each)
            rest = parts.last.map(String.init) ?? ""
        }
    }

    func kill() { Foundation.kill(pid, SIGKILL) }

    /// Blocks until it has ended.
    func wait() -> Cost {
        var (status, usage): (Int32, rusage) = (0, rusage())
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return Cost(
            wall: began.duration(to: .now).seconds, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            resident: Double(usage.ru_maxrss) * 1024 / 1e6, status: status)
    }

    /// Runs a program to its end. Throws where that is not a good one.
    @discardableResult
    static func run(_ arguments: String...) throws -> Cost {
        try run(arguments)
    }

    @discardableResult
    static func run(_ arguments: [String]) throws -> Cost {
        let child = try ChildProcess(arguments)
        child.lines { _ in }
        let cost = child.wait()
        guard cost.status == 0 else { throw Failure(program: child.program, status: cost.status) }
        return cost
    }

    /// What a program writes.
    static func text(_ arguments: [String]) throws -> String {
        let child = try ChildProcess(arguments)
        var lines: [Substring] = []
        child.lines { lines.append($0) }
        let cost = child.wait()
        guard cost.status == 0 else { throw Failure(program: child.program, status: cost.status) }
        return lines.joined(separator: "\n")
    }
}
