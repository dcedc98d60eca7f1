import CPrctl

/// Keeps what this process holds in memory, keys and tokens among it, away from disks and from others of its account.
enum PrivateMemory {
    /// To be called before the first secret is read.
    ///
    /// No core dump is written, neither into a file nor into a program that collects them: to such a program
    /// (`kernel.core_pattern` with a pipe) the kernel pays no heed to the limit, only to whether a process is dumpable (core(5)).
    /// One that is not can't be attached to or looked into by another process of its account either, and all workers share
    /// one: a script worker that was taken over does not reach the upload worker's keys. Its files in /proc belong to root;
    /// what it reads there of itself (statm, maps, fd) it still can, `environ` and `io` it can't. Programs that it starts are
    /// dumpable again, but keep the limit.
    static func begin() {
        // Either fails only where a sandbox forbids it; the units set the limit as well.
        _ = process_limit_core_dumps()
        _ = process_set_dumpable(0)
    }
}
