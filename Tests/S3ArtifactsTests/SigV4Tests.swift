import Crypto
import Foundation
import Production
import TestServers
import Testing

@testable import S3Artifacts

@Suite struct `A signature of version 4` {
    private let signer = SigV4(
        accessKey: StrictS3.accessKey, secretKey: Secret(StrictS3.secretKey), sessionToken: nil, region: "us-east-1")
    // 2026-01-02T03:04:05Z
    private let moment = Date(timeIntervalSince1970: 1_767_323_045)

    struct Vector: Sendable {
        let method: String
        var query: [(name: String, value: String)] = []
        let payload: String
        let canonical: String
        let signature: String
    }

    private static let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    @Test(arguments: [
        Vector(
            method: "GET", payload: S3Bucket.emptyPayload,
            canonical: "b890b3f3707d375f252be6d9af3b9ca07cd03fd0eb793b6927679e101e731902",
            signature: "042b9a25a1711fc36668b94d57c2e6ec1bfd796a941c03c688178a36561f003d"),
        Vector(
            method: "PUT", payload: hello,
            canonical: "725f2830044db87a26fa0149dad8ce8f3eada4903173feac50a45e64bb314d4e",
            signature: "663b9daa4becd78af35116fa12702d455630627582390787b1b5edd8e6765a94"),
        Vector(
            method: "PUT", payload: SigV4.unsigned,
            canonical: "de5d73cfd04339a5621d6b2e97cc1f4ff398a0b6c6bac4d10679853119b3b4ab",
            signature: "858423fa7e94ad48e7ff329320ce52bbfccf6e97fd2cdc36edb5fe87882a8616"),
        Vector(
            method: "POST", query: [("uploads", "")], payload: S3Bucket.emptyPayload,
            canonical: "a654eff36cbe3cd8fe4c974a44046316e683a2823d28318166312a26d03e1c67",
            signature: "079b7dc2ed856f8e5eb95bc7c00caa72e3eb730e1ac987bf01ea6e050e7c4f95"),
        Vector(
            method: "PUT", query: [("partNumber", "1"), ("uploadId", "XYZ")], payload: hello,
            canonical: "dcb67611bd39b118e733d923c5a8bc01ad3d2e90e50ec27b38a275046d3c718f",
            signature: "96388d22a0035a8571b5aceefade3ffb8bef5f73dc9c8fcd1846d8a7c8d24ca9"),
    ]) func `is as known by vectors`(vector: Vector) throws {
        let subject = SigV4.Subject(
            method: vector.method, path: "/media/videos/a%20b.mp4", query: vector.query,
            headers: [("host", "127.0.0.1:9000")], payload: vector.payload)
        let headers = signer.headers(for: subject, at: moment)
        var whole = subject
        whole.headers += headers.filter { $0.name != "Authorization" }
        #expect(SHA256.hash(data: Data(signer.canonical(whole).text.utf8)).hexadecimal == vector.canonical)
        let authorization = try #require(headers.first { $0.name == "Authorization" }?.value)
        #expect(
            authorization == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=\(vector.signature)")
        #expect(
            signer.signingKey(SignatureDate(moment)).hexadecimal
                == "800caa73b73676f285e7d2e8c7fcb1e6f8815b32c9950c0f621c2e2cacf3885e")
    }

    @Test func `in an address is as known by a vector`() {
        let subject = SigV4.Subject(
            method: "GET", path: "/media/videos/a%20b.mp4", headers: [("host", "127.0.0.1:9000")],
            payload: SigV4.unsigned)
        let query = signer.query(for: subject, at: moment, expires: 600)
        #expect(query.hasSuffix("&X-Amz-Signature=52ab9a97dea69a9e88fff944aa4f9ee055dad61ee9c917e65687d7574fc555f6"))
        #expect(query.contains("X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Fus-east-1%2Fs3%2Faws4_request"))
    }

    private struct Case: Encodable {
        let access = StrictS3.accessKey
        let secret = StrictS3.secretKey
        var token: String?
        var region: String
        var method: String
        var url: String
        var headers: [String: String]
        var time = "20260102T030405Z"
        var payload = S3Bucket.emptyPayload
        var expires: Int?
    }

    private struct Answer: Decodable, Equatable {
        let canonical: String
        let signature: String
    }

    @Test func `is what botocore makes of the same request, however odd its key, query and headers are`() throws {
        let keys = [
            "plain", "a b", "a+b", "a%20b", "ä/ö/ü", "日本語.mp4", "//double//slash", "./dots/../up", "q?=&#;:@!$'()*,",
            "~tilde-._", "emoji 🎬", "trailing/", "tab\tand\"quotes\"", "[brackets]{}|\\^`", "",
        ]
        let queries: [[(name: String, value: String)]] = [
            [], [("uploads", "")], [("partNumber", "12"), ("uploadId", "A/b+c=~ é")],
            [("prefix", "my videos/ä&b"), ("list-type", "2"), ("continuation-token", "1/+==")],
            [("b", "2"), ("a", "1"), ("A", "0"), ("a-b", ""), ("a", "0")],
        ]
        let headers: [[(name: String, value: String)]] = [
            [], [("Content-Type", "video/mp4"), ("x-amz-meta-sha256", "abc")],
            [("X-Amz-Meta-Odd", "  many   inner    blanks  "), ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JA==")],
            [("If-None-Match", "*"), ("Range", "bytes=0-1"), ("x-amz-copy-source", "/media/a%20b")],
        ]
        var cases: [Case] = []
        var ours: [Answer] = []
        for (number, key) in keys.enumerated() {
            for (query, headers) in queries.flatMap({ query in headers.map { (query, $0) } }) {
                let token = number.isMultiple(of: 2) ? nil : "session/token+with=odd,characters"
                let address = try S3Address(
                    endpoint: number.isMultiple(of: 3) ? "https://s3.example.org" : "http://127.0.0.1:9000",
                    bucket: "media", addressing: number % 4 == 0 ? .virtualHost : .path)
                let signer = SigV4(
                    accessKey: StrictS3.accessKey, secretKey: Secret(StrictS3.secretKey),
                    sessionToken: token.map { Secret($0) }, region: "eu-west-3")
                let path = address.path(of: key.isEmpty ? nil : key)
                var subject = SigV4.Subject(
                    method: "PUT", path: path, query: query, headers: [("Host", address.host)] + headers,
                    payload: S3Bucket.emptyPayload)
                cases.append(
                    Case(
                        token: token, region: "eu-west-3", method: "PUT",
                        url: address.url(path: path, query: SigV4.query(query)),
                        headers: Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) })))
                let added = signer.headers(for: subject, at: moment)
                let signature = try #require(added.last?.value.split(separator: "=").last)
                subject.headers += added.dropLast()
                ours.append(Answer(canonical: signer.canonical(subject).text, signature: String(signature)))

                var link = SigV4.Subject(
                    method: "GET", path: path, query: query, headers: [("host", address.host)], payload: SigV4.unsigned)
                let text = signer.query(for: link, at: moment, expires: 600)
                // botocore keeps one value a name there, and our own lists never have more.
                guard Set(query.map(\.name)).count == query.count else { continue }
                cases.append(
                    Case(
                        token: token, region: "eu-west-3", method: "GET",
                        url: address.url(path: path, query: SigV4.query(query)), headers: [:], expires: 600))
                link.query = text.split(separator: "&").filter { !$0.hasPrefix("X-Amz-Signature=") }.map {
                    let parts = $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    return (
                        parts[0].removingPercentEncoding ?? "",
                        parts.count > 1 ? parts[1].removingPercentEncoding ?? "" : ""
                    )
                }
                ours.append(
                    Answer(
                        canonical: signer.canonical(link).text,
                        signature: String(text.split(separator: "=").last ?? "")))
            }
        }
        let output = try StrictS3.python().run([StrictS3.script, "--sign"], input: JSONEncoder().encode(cases))
        let theirs = try JSONDecoder().decode([Answer].self, from: output)
        #expect(theirs.count == ours.count && ours.count > 500)
        for (index, (mine, botocore)) in zip(ours, theirs).enumerated() where mine != botocore {
            Issue.record("\(cases[index].url):\n\(mine.canonical)\n--- botocore:\n\(botocore.canonical)")
            break
        }
    }
}

@Suite struct `An address in a bucket` {
    @Test func `has the bucket in the host name or in the path`() throws {
        func url(_ endpoint: String, _ bucket: String, _ style: S3Settings.Addressing? = nil) throws -> String {
            let address = try S3Address(endpoint: endpoint, bucket: bucket, addressing: style)
            return address.url(path: address.path(of: "a b/ü"), query: "") + " " + address.host
        }
        #expect(
            try url("https://s3.eu-central-1.amazonaws.com", "media")
                == "https://media.s3.eu-central-1.amazonaws.com/a%20b/%C3%BC media.s3.eu-central-1.amazonaws.com")
        #expect(
            try url("https://s3.amazonaws.com/", "my.media")
                == "https://s3.amazonaws.com/my.media/a%20b/%C3%BC s3.amazonaws.com")
        #expect(try url("http://127.0.0.1:9000", "media") == "http://127.0.0.1:9000/media/a%20b/%C3%BC 127.0.0.1:9000")
        #expect(try url("https://minio.lan:443", "media") == "https://minio.lan/media/a%20b/%C3%BC minio.lan")
        #expect(
            try url("http://minio.lan:443", "media", .virtualHost)
                == "http://media.minio.lan:443/a%20b/%C3%BC media.minio.lan:443")
        #expect(try url("http://[::1]:9000", "media") == "http://[::1]:9000/media/a%20b/%C3%BC [::1]:9000")
    }

    @Test(arguments: [
        ("s3.example.org", "media"), ("ftp://s3.example.org", "media"), ("https://s3.example.org/base", "media"),
        ("https://key:secret@s3.example.org", "media"), ("https://s3.example.org?x", "media"), ("", "media"),
        ("https://s3.example.org", "Media"), ("https://s3.example.org", "me"), ("https://s3.example.org", "-media"),
        ("https://s3.example.org", "me/dia"),
    ]) func `is refused where nothing can be asked`(endpoint: String, bucket: String) {
        let fault = #expect(throws: S3SettingsFault.self) {
            try S3Address(endpoint: endpoint, bucket: bucket, addressing: nil)
        }
        #expect(fault?.key == (bucket == "media" ? "endpoint" : "bucket"))
    }
}

@Suite struct `An answer's XML` {
    private func read(_ text: String) -> XMLElement? { XMLElement(document: Array(text.utf8)) }

    @Test func `is read with entities, comments, CDATA, prefixes and attributes`() throws {
        let root = try #require(
            read(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- a word -->
                <s:List xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"><Key> a&amp;b&#x2F;&#99; </Key>
                <ETag>&quot;1&quot;</ETag><Empty/><Empty2 a="b"/><Raw><![CDATA[<&>]]></Raw><Key>two</Key></s:List>
                """))
        #expect(root.name == "List")
        #expect(root["Key"] == "a&b/c")
        #expect(root.all("Key").map(\.text) == ["a&b/c", "two"])
        #expect(root["ETag"] == "\"1\"" && root["Raw"] == "<&>" && root["Empty"] == "" && root["Empty2"] == "")
        #expect(root["Missing"] == nil)
        #expect(root.all("ETag").first?.source == "<ETag>&quot;1&quot;</ETag>")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a>&x;</a>", "<a>&#xD800;</a>", "<a", "<a><![CDATA[", String(repeating: "<a>", count: 100_000),
    ]) func `is nothing where it is not well formed`(text: String) {
        #expect(read(text) == nil)
    }
}
