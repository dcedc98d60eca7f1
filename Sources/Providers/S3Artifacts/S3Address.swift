import FoundationEssentials

/// Where a bucket is: turns keys into addresses, one way only, so that what is signed is what is sent.
struct S3Address: Sendable {
    /// As the `Host` header has it: with the port unless it is the scheme's own.
    let host: String
    private let scheme: String
    /// `/bucket`, or nothing where the host names the bucket.
    private let root: String

    /// - Parameter key: the setting that `endpoint` comes from.
    init(
        endpoint: String, key: String = "endpoint", bucket: String, addressing: S3Settings.Addressing?
    ) throws(S3SettingsFault) {
        guard let url = URL(string: endpoint), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let name = url.host(percentEncoded: false), !name.isEmpty, url.user() == nil, url.query() == nil,
            ["", "/"].contains(url.path(percentEncoded: true))
        else {
            throw S3SettingsFault(key: key, reason: "should be http://HOST[:PORT] or https://HOST[:PORT]")
        }
        guard Self.isBucketName(bucket) else {
            throw S3SettingsFault(
                key: "bucket", reason: "should have 3 to 63 characters: a to z, 0 to 9, dots and hyphens")
        }
        let isAmazon = name.hasSuffix(".amazonaws.com") || name.hasSuffix(".amazonaws.com.cn")
        let style = addressing ?? (isAmazon && !bucket.contains(".") ? .virtualHost : .path)
        let plain = name.contains(":") ? "[\(name)]" : name
        let port = url.port.flatMap { $0 == (scheme == "https" ? 443 : 80) ? nil : ":\($0)" } ?? ""
        self.scheme = scheme
        host = (style == .virtualHost ? "\(bucket)." : "") + plain.lowercased() + port
        root = style == .path ? "/\(bucket)" : ""
    }

    /// The encoded path of an object, or of the bucket.
    func path(of key: String?) -> String {
        guard let key else { return root.isEmpty ? "/" : root }
        return "\(root)/\(key.percentEncoded(leaving: "/"))"
    }

    /// - Parameter query: encoded already.
    func url(path: String, query: String) -> String {
        "\(scheme)://\(host)\(path)" + (query.isEmpty ? "" : "?\(query)")
    }

    private static func isBucketName(_ name: String) -> Bool {
        (3...63).contains(name.utf8.count)
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
            && name.first != "." && name.last != "." && name.first != "-" && name.last != "-"
    }
}

extension String {
    /// As S3 wants paths and queries: every byte but letters, digits, `-._~` and what is left out as `%XX`.
    func percentEncoded(leaving: StaticString = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        let kept = Set("-._~\(leaving)".utf8)
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 48...57, 65...90, 97...122: bytes.append(byte)
            case _ where kept.contains(byte): bytes.append(byte)
            default: bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
