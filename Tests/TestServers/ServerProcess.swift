package import Foundation
import Synchronization

/// One run of a server program as a child of the test process, which cannot outlive it.
///
/// The server is started by a small shell, its guardian, which waits for the end of a pipe that only the test process holds open. However the
/// test process ends, SIGKILL included, the kernel closes that pipe, and the guardian kills the server and deletes its folder. The guardian is in
/// a process group of its own, so that Ctrl-C in a terminal doesn't take it away before its work.
package final class ServerProcess: Sendable {
    package let folder: ServerFolder
    /// The server itself, not its guardian.
    package let pid: pid_t

    private let guardian: pid_t
    private let leash: Mutex<FileHandle?>
    private let ended: Task<Void, Never>

    private static let guardianScript = """
        folder=$1; shift
        cd "$folder" || exit 1
        exec 3<&0
        "$@" </dev/null >>log 2>&1 3<&- 4>&5 5>&- &
        server=$!
        exec 5>&-
        echo $server
        exec >/dev/null 2>&1
        if read -r word <&3; then keep=yes; else keep=; fi
        kill -KILL $server 2>/dev/null
        wait $server
        [ "$keep" ] && exit
        umount -l "$folder/disk" 2>/dev/null
        rm -rf "$folder"
        """

    /// Starts `program`, which is sought on the PATH unless it is a path, with its output appended to `folder`/log.
    ///
    /// - Parameter predecessor: an earlier, dead run in the same folder, whose guardian must now leave the folder alone.
    package init(
        _ program: String, _ arguments: [String], in folder: ServerFolder, after predecessor: ServerProcess? = nil
    ) throws {
        self.folder = folder
        predecessor?.leaveFolder()
        // Every descriptor of ours is close-on-exec, so no other child of the test process can hold the leash or the life line open.
        let (stdin, leash) = try Self.pipe()
        let (answers, stdout) = try Self.pipe()
        // The server inherits the write end of this one and nobody else has it: its end of file is the server's death.
        let (life, lifeEnd) = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, stdin.fileDescriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, stdout.fileDescriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, lifeEnd.fileDescriptor, 5)
        // Foundation's pipes are not close-on-exec: inherited here, such a pipe would have no end for whoever reads from
        // another program at this moment.
        for descriptor: Int32 in 3..<1_024 where descriptor != 5 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // Threads of Swift's pools block most signals; a shell that inherited that would never hear of its child's end.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        let words =
            ["/bin/sh", "-c", Self.guardianScript, "guardian", folder.path] + folder.prefix + [program] + arguments
        var argv = words.map { strdup($0) } + [nil]
        defer {
            for word in argv { free(word) }
        }
        var guardian: pid_t = 0
        let status = posix_spawn(&guardian, "/bin/sh", &actions, &attributes, &argv, environ)
        guard status == 0 else { throw ServerError("cannot start \(program): \(String(cString: strerror(status)))") }
        try stdin.close()
        try stdout.close()
        try lifeEnd.close()
        let answer = String(decoding: answers.readDataToEndOfFile(), as: UTF8.self)
        guard let pid = pid_t(answer.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ServerError("cannot start \(program) in \(folder.path)")
        }
        self.guardian = guardian
        self.pid = pid
        self.leash = Mutex(leash)
        ended = Task.detached {
            await withCheckedContinuation { continuation in
                // A thread of its own: the read blocks as long as the server lives.
                Thread.detachNewThread {
                    _ = life.readDataToEndOfFile()
                    continuation.resume()
                }
            }
        }
    }

    deinit {
        // Closing the leash ends the server; its guardian is then ours to reap.
        let hasLeft = leash.withLock { leash in
            try? leash?.close()
            return leash == nil
        }
        if hasLeft { return }
        // On a thread of its own: the last owner may be a task, and Swift has few threads for those.
        Thread.detachNewThread { [guardian] in
            var status: Int32 = 0
            waitpid(guardian, &status, 0)
        }
    }

    /// Finds a program, or says how to get it.
    package static func find(_ program: String, in folders: [String] = [], package name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        for folder in folders + path.split(separator: ":").map(String.init) {
            let file = "\(folder)/\(program)"
            if access(file, X_OK) == 0 { return file }
        }
        throw ServerError("\(program) is not installed: sudo apt-get install \(name)")
    }

    package func signal(_ signal: Int32) {
        Foundation.kill(pid, signal)
    }

    /// Sends SIGKILL and returns once the server is dead: its sockets refuse, its files are closed.
    package func kill() async {
        signal(SIGKILL)
        await exited()
    }

    /// Returns when the server, and every child that holds its output, has ended.
    package func exited() async {
        await ended.value
    }

    /// What the server has printed so far, for messages.
    package var log: String {
        (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? ""
    }

    /// Ends the guardian without its deleting the folder, in which another run goes on. Returns once the guardian has
    /// reaped the server: to Postgres a zombie is a server that still runs.
    private func leaveFolder() {
        leash.withLock { held in
            guard let leash = held else { return }
            defer {
                var status: Int32 = 0
                while waitpid(guardian, &status, 0) < 0, errno == EINTR {}
            }
            // MSG_NOSIGNAL: a guardian that is gone must not kill the tests with SIGPIPE.
            send(leash.fileDescriptor, "keep\n", 5, Int32(MSG_NOSIGNAL))
            try? leash.close()
            held = nil
        }
    }

    /// A socket pair, because Swift sees no `pipe2`: only a descriptor that is close-on-exec from birth can't leak into a child that another
    /// thread starts at that moment.
    private static func pipe() throws -> (read: FileHandle, write: FileHandle) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw ServerError("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        return (
            FileHandle(fileDescriptor: ends[0], closeOnDealloc: true),
            FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        )
    }
}
