import Foundation
import HTTP
import Production
import S3Artifacts

/// Sends one file to an S3 server and fetches it into another host's cache, and says how much memory that took: a process of
/// its own, in which nothing else is counted.
///
///     AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… StoreChild ENDPOINT REGION BUCKET PREFIX FILE CACHES
///
/// Prints the path of the fetched file and the most kilobytes that were in memory at once.
@main
enum StoreChild {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let variables = ProcessInfo.processInfo.environment
        guard arguments.count == 7, let key = variables["AWS_ACCESS_KEY_ID"],
            let secret = variables["AWS_SECRET_ACCESS_KEY"]
        else { throw Usage() }
        let settings = S3Settings(
            endpoint: arguments[1], region: arguments[2], bucket: arguments[3], prefix: arguments[4], accessKey: key,
            secretKey: Secret(secret), partSize: 16 << 20)
        let caches = URL(filePath: arguments[6])
        func store(_ host: String) throws -> S3Artifacts {
            try S3Artifacts(
                settings, cache: CacheSettings(path: caches.appending(path: host).path), by: HTTPCaller())
        }
        let artifact = try await store("sender").keep(URL(filePath: arguments[5]))
        let fetched = try await store("fetcher").file(of: artifact.id)
        print(fetched.path, try residentPeak())
    }

    struct Usage: Error {}

    /// `VmHWM` of `/proc/self/status`, kB.
    private static func residentPeak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first ?? 0
    }
}
