import CSpawn
import Glibc

/// One call of a program: its input from a file, its output into one, and its last words.
///
/// The program leads a process group of its own. When it ends, fails, takes too long or the task is cancelled, the whole
/// group is killed, so that nothing it started lives on.
struct CommandRun {
    struct Ending: Equatable {
        enum Kind: Equatable {
            case exited(Int32)
            case signalled(Int32)
            case timedOut
            /// It wrote more than any scene takes.
            case wroteTooMuch
            case cancelled
        }

        let kind: Kind
        /// The end of what it wrote to standard error.
        let lastWords: String
    }

    struct Failure: Error, Equatable { let reason: String }

    /// Bytes: an hour of stereo at 48 kHz.
    static let sizeLimit = 700_000_000
    /// Bytes of standard error that are kept.
    private static let wordsKept = 2_000
    /// How often a running program is looked at, in milliseconds.
    private static let interval: Int32 = 20

    let arguments: [String]
    /// `NAME=value`
    let environment: [String]
    /// Where it runs.
    let folder: String
    /// Path of its standard input; nil for none.
    let input: String?
    /// Path that its standard output is written to; nil if nobody wants it.
    let output: String?
    /// Path of the file that it is to write, by itself or as its standard output.
    let product: String

    /// Runs it to its end; not to be called on the cooperative pool.
    func ending(within limit: Duration) throws(Failure) -> Ending {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Self.failure("a pipe could not be made", errno) }
        // At this end only: a program may not be ready for errors when it complains.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[0]) }
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(errors: ends[1])
        }
        var words = LastWords(limit: Self.wordsKept)
        let deadline = ContinuousClock.now + limit
        var kind: Ending.Kind?
        while kind == nil {
            // Waits for words, and when nobody holds the other end any more, for the time alone.
            var waiting = pollfd(fd: words.isOver ? -1 : ends[0], events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, Self.interval)
            words.read(from: ends[0])
            if Task.isCancelled {
                kind = .cancelled
            } else if ContinuousClock.now >= deadline {
                kind = .timedOut
            } else if Self.size(of: product) > Self.sizeLimit {
                kind = .wroteTooMuch
            } else if Self.hasEnded(child) {
                break
            }
        }
        // Not yet waited for, the program still keeps its number, so that this meets no other group.
        kill(-child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        words.read(from: ends[0])
        let signal = status & 0x7F
        return Ending(
            kind: kind ?? (signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)), lastWords: words.text)
    }

    /// Whether it has ended, without taking notice of it.
    private static func hasEnded(_ child: pid_t) -> Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private func spawn(errors: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, folder)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores or blocks is its own affair.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var child: pid_t = 0
        let status = posix_spawnp(&child, arguments[0], &actions, &attributes, &words, &variables)
        guard status == 0 else { throw Self.failure("\(arguments[0]) could not be started", status) }
        return child
    }

    private static func failure(_ what: String, _ status: Int32) -> Failure {
        Failure(reason: "\(what): \(String(cString: strerror(status)))")
    }
}

/// The end of what is written to a pipe.
private struct LastWords {
    let limit: Int
    private var bytes: [UInt8] = []
    /// Whether nobody can write any more.
    private(set) var isOver = false

    init(limit: Int) { self.limit = limit }

    /// Takes what is there, without waiting; at most a mebibyte, so that a babbler can't hold up its judge.
    mutating func read(from pipe: Int32) {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        for _ in 0..<16 where !isOver {
            let count = Glibc.read(pipe, &block, block.count)
            if count == 0 { isOver = true }
            guard count > 0 else { return }
            bytes = (bytes + block[..<count]).suffix(limit)
        }
    }

    /// Its last lines, without control characters.
    var text: String {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { line in String(line.unicodeScalars.filter { $0.properties.generalCategory != .control }) }
            .filter { !$0.allSatisfy(\.isWhitespace) }
        return lines.suffix(5).joined(separator: " / ")
    }
}
