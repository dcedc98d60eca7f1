import FoundationEssentials
import HTTP

/// What an error answer of ElevenLabs' means.
struct ElevenLabsRefusal: Sendable, Equatable {
    enum Meaning: Sendable, Equatable {
        /// Too many calls are under way with the key: another must end first.
        case crowded
        /// It may go away by itself.
        case transient
        /// The credits are used up. Comes with a status that otherwise is about the key.
        case quotaSpent
        case permanent
    }

    let meaning: Meaning
    /// Whether it certainly did nothing: it refuses before it speaks. What breaks inside of it may have been billed.
    let isFree: Bool
    /// Its own words, with their code; empty if there were none.
    let words: String

    init(_ reply: HTTPReply) {
        let detail = Detail(json: reply.body)
        let code = detail.code.lowercased()
        words = [detail.code, detail.message].filter { !$0.isEmpty }.joined(separator: ": ")
        isFree = (400..<500).contains(reply.status) && reply.status != 408
        meaning =
            switch (reply.status, code) {
            case (400...403, "quota_exceeded"): .quotaSpent
            case (429, "too_many_concurrent_requests"), (429, "concurrent_limit_exceeded"): .crowded
            case (408, _), (409, _), (425, _), (429, _), (500..., _): .transient
            default: .permanent
            }
    }

    /// `detail` may be an object, a list of them or plain text; newer answers tell more than older ones.
    private struct Detail {
        var code = ""
        var message = ""

        init(json: [UInt8]) {
            guard let body = try? JSONDecoder().decode(Body.self, from: Data(json)) else { return }
            switch body.detail {
            case .text(let text): message = text
            case .fields(let fields): (code, message) = (fields.status ?? fields.code ?? "", fields.message ?? "")
            case .list(let list):
                code = "validation_error"
                message = list.map { field in
                    let place = (field.loc ?? []).map(\.text).joined(separator: ".")
                    return [place, field.msg ?? field.message ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
                }.joined(separator: "; ")
            case nil: break
            }
        }
    }

    private struct Body: Decodable {
        let detail: Form?

        enum Form: Decodable {
            case text(String)
            case fields(Fields)
            case list([Field])

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    self = .text(text)
                } else if let fields = try? container.decode(Fields.self) {
                    self = .fields(fields)
                } else {
                    self = .list(try container.decode([Field].self))
                }
            }
        }

        struct Fields: Decodable {
            let status: String?
            let code: String?
            let message: String?
        }

        struct Field: Decodable {
            let loc: [Place]?
            let msg: String?
            let message: String?
        }

        struct Place: Decodable {
            let text: String

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                text = (try? container.decode(String.self)) ?? (try? container.decode(Int.self)).map(String.init) ?? "?"
            }
        }
    }
}
