import HTTP
import NIOHTTP1

/// An error in S3's words.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
struct S3Refusal: Sendable, Equatable {
    let status: Int
    /// `NoSuchKey`; made up from the status where the answer has no body, as HEAD's have not.
    let code: String
    let message: String
    /// The server's own name for the request, for its support.
    let request: String?
    /// The bucket's own region, where the answer tells it.
    let region: String?

    /// Nil where the reply is no error.
    ///
    /// - Parameter late: whether one with status 200 may be an error too: some requests are answered before their work is
    ///   done.
    init?(_ reply: HTTPReply, late: Bool) {
        let isError = !reply.isSuccess
        guard isError || late else { return nil }
        let document = reply.body.count <= Self.longest ? XMLElement(document: reply.body) : nil
        let error = document.flatMap { $0.name == "Error" ? $0 : nil }
        guard isError || error != nil else { return nil }
        status = reply.status
        code = error?["Code"] ?? Self.code(of: reply.status)
        message = error?["Message"] ?? (reply.body.isEmpty ? "an empty answer" : "no S3 answer: \(reply.excerpt(200))")
        request = error?["RequestId"] ?? reply.headers.first(name: "x-amz-request-id")
        region = error?["Region"] ?? reply.headers.first(name: "x-amz-bucket-region")
    }

    /// Whether the same request may succeed a little later.
    var isTransient: Bool {
        switch code {
        case "RequestTimeout", "OperationAborted", "ConditionalRequestConflict", "InternalError", "ServiceUnavailable",
            "SlowDown":
            true
        // A server that can't do something says so once and for all.
        case "NotImplemented": false
        default: status == 429 || (500...599).contains(status) && status != 501
        }
    }

    /// For a person, without secrets: what S3 quotes of a request's signature is left out.
    var words: String {
        let advice = Self.advice[code].map { "; \($0)" } ?? ""
        return "\(status) \(code): \(message)\(request.map { " (request \($0))" } ?? "")\(advice)"
    }

    /// Whether the bucket lies elsewhere, or is asked under another region's name.
    var isWrongRegion: Bool {
        [301, 307].contains(status) || ["PermanentRedirect", "TemporaryRedirect"].contains(code)
            || code == "AuthorizationHeaderMalformed" && region != nil
    }

    /// Longer documents are no errors: lists, or what was asked for.
    private static let longest = 64 << 10

    private static func code(of status: Int) -> String {
        switch status {
        case 301: "PermanentRedirect"
        case 307: "TemporaryRedirect"
        case 400: "BadRequest"
        case 403: "AccessDenied"
        case 404: "NoSuchKey"
        case 412: "PreconditionFailed"
        case 500: "InternalError"
        case 501: "NotImplemented"
        case 503: "ServiceUnavailable"
        default: "Error"
        }
    }

    private static let advice = [
        "AccessDenied": """
        the key lacks a right: reading, writing and deleting objects, listing the bucket and its multipart uploads are \
        needed (without the right to list it, a missing object is refused like this too)
        """,
        "InvalidAccessKeyId": "artifacts.s3.access-key is not known there",
        "SignatureDoesNotMatch":
            "artifacts.s3.secret-key is not the access key's, or a proxy changes requests on their way",
        "RequestTimeTooSkewed": "this host's clock is wrong: set it by NTP",
        "ExpiredToken": "the temporary keys have expired: configure new ones",
        "NoSuchBucket": "make the bucket, or mend artifacts.s3.bucket",
        "AuthorizationHeaderMalformed": "artifacts.s3.region should be the bucket's own",
        "PermanentRedirect": "artifacts.s3.region and endpoint should be the bucket's own",
    ]
}
