import FoundationEssentials

#if canImport(Glibc)
import Glibc
#endif

/// What this process takes of the machine.
struct ProcessUsage: Sendable {
    let processor: Duration
    /// Nil where the system does not tell.
    let residentBytes: Int?

    static var now: ProcessUsage {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        // The second number of /proc/self/statm is resident memory in pages (proc(5)).
        let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = statm?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return ProcessUsage(
            processor: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec),
            residentBytes: pages.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) })
    }
}
