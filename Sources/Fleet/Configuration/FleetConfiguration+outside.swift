package import Production

extension FleetConfiguration {
    /// How this machine reaches others.
    package struct Web: Sendable {
        /// `http://HOST:PORT`; nil for none.
        package var proxy: String?
        /// A PEM file of certificate authorities that are trusted beside the system's.
        package var authorities: String?
    }

    /// OpenAI, or a server that speaks its protocol.
    package struct OpenAI: Sendable {
        package enum Kind: String, Sendable, CaseIterable {
            case openAI = "openai"
            case ollama
            case llamaCpp = "llama.cpp"
            case vLLM = "vllm"
        }

        package var kind: Kind
        /// Nil: OpenAI is not set up; a server of one's own may do without.
        package var key: Secret?
        /// With the version, without a slash at its end; nil: the kind's own.
        package var baseURL: String?
        package var organization: String?
        package var project: String?
        /// Models that write scripts: the primary, then those that follow where it fails. Empty: none writes.
        package var models: [String]
        /// Of a hundred stories, how many go to the cheapest of them first.
        package var cheaperShare: Int
        package var reasoningEffort: String?
        package var temperature: Double?
        /// Tokens that a model may think beside what it writes.
        package var thinkingTokens: Int
        /// From which resemblance to one of the channel's scripts on a new one is written again, in percent.
        package var sameness: Int
        package var speech: Speech

        package struct Speech: Sendable {
            /// Nil: the server does not speak.
            package var model: String?
            package var voices: [String: String]
            /// Where the speech is, if it is another server.
            package var baseURL: String?
            package var instructions: String?
            package var speed: Double?
        }

        /// Whether there is something to ask.
        package var isSetUp: Bool { key != nil || kind != .openAI }
    }

    package struct ElevenLabs: Sendable {
        /// Nil: not set up.
        package var key: Secret?
        package var baseURL: String
        package var model: String
        /// By language; `*` for any.
        package var voices: [String: String]
        package var format: String
        package var stability: Double?
        package var similarity: Double?
        package var speed: Double?
    }

    package struct Voice: Sendable {
        /// In this order; those that are not set up are passed over.
        package var order: [ProviderName]
        /// A program that speaks, with its arguments; empty for none.
        package var command: [String]
        /// The languages it speaks; empty for any.
        package var commandLanguages: [String]
    }

    package struct YouTube: Sendable {
        package var clientID: String
        /// Nil for those who were not handed it, and neither publish nor connect accounts.
        package var clientSecret: Secret?
        package var uploadsPerDay: Int
        package var unitsPerDay: Int
        /// All of Google's servers in one place, for tests; nil: Google's own.
        package var baseURL: String?
    }

    /// A bucket for the artifacts; nil in the configuration: they lie in a folder.
    package struct Bucket: Sendable {
        package enum Addressing: String, Sendable, CaseIterable {
            case automatic, path
            case virtualHost = "virtual-host"
        }

        package enum Checksum: String, Sendable, CaseIterable { case sha256, md5 }

        package var endpoint: String
        package var publicEndpoint: String?
        package var region: String
        package var name: String
        package var prefix: String
        package var addressing: Addressing
        /// Nil for those who were not handed it, and have nothing to do with artifacts.
        package var accessKey: String?
        package var secretKey: Secret?
        package var sessionToken: Secret?
        package var checksum: Checksum
        /// MiB
        package var partSize: Int
        /// GiB of copies on this host.
        package var cacheSize: Int
        package var cachePath: String
    }

    /// Who publishes.
    package enum PublishTo: String, Sendable, CaseIterable {
        case folder
        case youTube = "youtube"
    }
}

extension ConfigurationCollector {
    /// A web address without a slash at its end: https, or http to this machine.
    func address(_ key: String) -> String? {
        read(key, default: nil, expected: "it should be an https address, without a / at its end") { text in
            let isHere = ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { start in
                text == start || text.hasPrefix(start + ":") || text.hasPrefix(start + "/")
            }
            return (text.hasPrefix("https://") || isHere) && !text.hasSuffix("/") ? .some(text) : nil
        } ?? nil
    }

    /// A web address that may be one of one's own network, unencrypted.
    func nearAddress(_ key: String) -> String? {
        read(key, default: nil, expected: "it should be an http or https address, without a / at its end") { text in
            let isWeb = text.hasPrefix("https://") || text.hasPrefix("http://")
            return isWeb && !text.hasSuffix("/") ? .some(text) : nil
        } ?? nil
    }

    func secret(_ key: String) -> Secret? {
        read(key, default: nil, expected: "it must not be empty", secret: true) {
            // A file's last line feed is no part of what it holds.
            let value = $0.trimmed
            return value.isEmpty ? nil : .some(Secret(value))
        } ?? nil
    }

    /// Words between spaces or commas.
    func words(_ key: String, default standard: [String] = []) -> [String] {
        read(key, default: standard, expected: "it should be words with spaces or commas between them") { text in
            text.split { $0.isWhitespace || $0 == "," }.map(String.init)
        }
    }

    /// `NAME=VALUE` between spaces or commas; a value alone is that of `*`.
    func pairs(_ key: String, default standard: [String: String] = [:]) -> [String: String] {
        read(key, default: standard, expected: "it should be LANGUAGE=NAME, with spaces between several, or one name") {
            text in
            var pairs: [String: String] = [:]
            for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
                let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard !parts.contains(where: \.isEmpty) else { return nil }
                pairs[parts.count == 2 ? String(parts[0]) : "*"] = String(parts[parts.count - 1])
            }
            return pairs
        }
    }

    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        read(
            key, default: nil,
            expected: "it should be a number from \(range.lowerBound) to \(range.upperBound), or be left out"
        ) { text in Double(text).flatMap { range.contains($0) ? .some($0) : nil } } ?? nil
    }

    /// A program and its arguments: words, with quotes around those that have blanks in them. No shell reads it.
    func commandLine(_ key: String) -> [String] {
        read(key, default: [], expected: "it should be a program and its arguments, each quote closed") { text in
            var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
            for character in text {
                switch (character, quote) {
                case (let mark, let open?) where mark == open: quote = nil
                case (_, .some): word = (word ?? "") + String(character)
                case ("\"", nil), ("'", nil):
                    quote = character
                    word = word ?? ""
                case (let blank, nil) where blank.isWhitespace:
                    if let done = word { words.append(done) }
                    word = nil
                default: word = (word ?? "") + String(character)
                }
            }
            if let word { words.append(word) }
            return quote == nil ? words : nil
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
