import Crypto
import FoundationEssentials
import Production

/// AWS Signature Version 4, as S3 wants it: the path is signed as it is sent, encoded once and not normalised.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
struct SigV4: Sendable {
    let accessKey: String
    let secretKey: Secret
    let sessionToken: Secret?
    let region: String

    /// What the signature covers beside the date and the keys.
    struct Subject {
        var method: String
        /// Encoded
        var path: String
        /// Not encoded, in any order; a parameter without a value has an empty one.
        var query: [(name: String, value: String)] = []
        /// `host` and whatever else is to be signed: every `x-amz-…` that is sent.
        var headers: [(name: String, value: String)]
        /// The body's SHA-256 in hexadecimal, or `UNSIGNED-PAYLOAD`.
        var payload: String
    }

    static let unsigned = "UNSIGNED-PAYLOAD"

    /// The headers that make a request valid for some minutes from `moment` on, to be sent beside those of the subject.
    func headers(for subject: Subject, at moment: Date) -> [(name: String, value: String)] {
        let date = SignatureDate(moment)
        var added = [("x-amz-date", date.time), ("x-amz-content-sha256", subject.payload)]
        if let sessionToken { added.append(("x-amz-security-token", sessionToken.value)) }
        var subject = subject
        subject.headers += added.map { (name: $0.0, value: $0.1) }
        let canonical = canonical(subject)
        let authorization =
            "\(Self.algorithm) Credential=\(accessKey)/\(scope(date)), SignedHeaders=\(canonical.signed), "
            + "Signature=\(signature(of: canonical.text, date))"
        return added.map { (name: $0.0, value: $0.1) } + [("Authorization", authorization)]
    }

    /// The query, encoded and whole, with which anybody may make a request until it expires. Only the subject's headers
    /// have to be sent, as a rule `host` alone.
    ///
    /// - Parameter seconds: 1 to 604,800, which is a week.
    func query(for subject: Subject, at moment: Date, expires seconds: Int) -> String {
        let date = SignatureDate(moment)
        var subject = subject
        subject.payload = Self.unsigned
        subject.query += [
            ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(accessKey)/\(scope(date))"),
            ("X-Amz-Date", date.time), ("X-Amz-Expires", "\(seconds)"),
            ("X-Amz-SignedHeaders", canonical(subject).signed),
        ]
        if let sessionToken { subject.query.append(("X-Amz-Security-Token", sessionToken.value)) }
        let canonical = canonical(subject)
        return "\(canonical.query)&X-Amz-Signature=\(signature(of: canonical.text, date))"
    }

    /// Encoded and in the order in which it is signed, which is also a fine order to send it in.
    static func query(_ query: [(name: String, value: String)]) -> String {
        query.map { ($0.name.percentEncoded(), $0.value.percentEncoded()) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static let algorithm = "AWS4-HMAC-SHA256"

    func canonical(_ subject: Subject) -> (text: String, signed: String, query: String) {
        let headers = Dictionary(grouping: subject.headers) { $0.name.lowercased() }
            .mapValues { $0.map { Self.trimmed($0.value) }.joined(separator: ",") }
            .sorted { $0.key < $1.key }
        let signed = headers.map(\.key).joined(separator: ";")
        let query = Self.query(subject.query)
        let lines = headers.map { "\($0.key):\($0.value)\n" }.joined()
        let text = [subject.method, subject.path, query, lines, signed, subject.payload].joined(separator: "\n")
        return (text, signed, query)
    }

    func signature(of canonical: String, _ date: SignatureDate) -> String {
        let text = [
            Self.algorithm, date.time, scope(date), SHA256.hash(data: Array(canonical.utf8)).hexadecimal,
        ].joined(separator: "\n")
        return Self.code(text, by: signingKey(date)).hexadecimal
    }

    /// Good for a day, a region and S3.
    func signingKey(_ date: SignatureDate) -> [UInt8] {
        [date.day, region, "s3", "aws4_request"].reduce(Array("AWS4\(secretKey.value)".utf8)) { key, text in
            Self.code(text, by: key)
        }
    }

    private func scope(_ date: SignatureDate) -> String { "\(date.day)/\(region)/s3/aws4_request" }

    private static func code(_ text: String, by key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }

    /// Without blanks at the ends, and one where there are more within.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}

/// A moment as signatures write it, in UTC.
struct SignatureDate {
    /// `20260102`
    let day: String
    /// `20260102T030405Z`
    let time: String

    init(_ moment: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: moment)
        func digits(_ number: Int?, _ count: Int) -> String {
            let text = "\(number ?? 0)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        day = digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2)
        time = "\(day)T" + digits(parts.hour, 2) + digits(parts.minute, 2) + digits(parts.second, 2) + "Z"
    }
}
