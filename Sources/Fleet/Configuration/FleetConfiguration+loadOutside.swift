import Production

extension FleetConfiguration.Web {
    init(_ read: ConfigurationCollector) {
        proxy = read.read("http.proxy", default: nil, expected: "it should be http://HOST:PORT", secret: true) { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            let isProxy = parts.count == 3 && parts[0] == "http" && parts[1].hasPrefix("//") && UInt16(parts[2]) != nil
            return isProxy ? .some(text) : nil
        }
        authorities = read.optionalString("http.authorities")
    }
}

extension FleetConfiguration.OpenAI {
    init(_ read: ConfigurationCollector) {
        kind = read.choice("openai.kind", default: .openAI)
        key = read.secret("openai.key")
        baseURL = read.nearAddress("openai.base-url")
        organization = read.optionalString("openai.organization")
        project = read.optionalString("openai.project")
        models = read.words("openai.models")
        cheaperShare = read.integer("openai.cheaper-share", default: 60, in: 0...100)
        reasoningEffort = read.optionalString("openai.reasoning-effort")
        temperature = read.number("openai.temperature", in: 0...2)
        thinkingTokens = read.integer("openai.thinking-tokens", default: 4_000, in: 0...100_000)
        sameness = read.integer("openai.sameness", default: 35, in: 1...100)
        speech = Speech(
            model: read.optionalString("openai.speech-model"),
            voices: read.pairs("openai.speech-voices", default: ["*": "nova"]),
            baseURL: read.nearAddress("openai.speech-url"),
            instructions: read.optionalString("openai.speech-instructions"),
            speed: read.number("openai.speech-speed", in: 0.25...4))
        if kind != .openAI, models.isEmpty, speech.model == nil {
            read.report("openai.models", expected: "it is needed, since openai.kind is \(kind.rawValue)")
        }
    }
}

extension FleetConfiguration.ElevenLabs {
    init(_ read: ConfigurationCollector) {
        key = read.secret("elevenlabs.key")
        baseURL = read.address("elevenlabs.base-url") ?? "https://api.elevenlabs.io"
        model = read.string("elevenlabs.model", default: "eleven_multilingual_v2")
        voices = read.pairs("elevenlabs.voices")
        format = read.string("elevenlabs.format", default: "mp3_44100_128")
        stability = read.number("elevenlabs.stability", in: 0...1)
        similarity = read.number("elevenlabs.similarity", in: 0...1)
        speed = read.number("elevenlabs.speed", in: 0.5...2)
    }
}

extension FleetConfiguration {
    /// Without the key of somebody who should write or speak another would, and nobody would know why.
    static func requireKeys(
        _ read: ConfigurationCollector, _ openAI: OpenAI, _ elevenLabs: ElevenLabs, _ voice: Voice
    ) {
        let speaks = openAI.speech.model != nil && voice.order.contains("openai")
        if openAI.kind == .openAI, openAI.key == nil, !openAI.models.isEmpty || speaks {
            read.lacks(
                "openai.key", because: "it is needed by openai.models and openai.speech-model",
                for: Set((openAI.models.isEmpty ? [] : [.worker(.script)]) + (speaks ? [.worker(.voice)] : [])))
        }
        if elevenLabs.key == nil, !elevenLabs.voices.isEmpty, voice.order.contains("elevenlabs") {
            read.lacks("elevenlabs.key", because: "it is needed by elevenlabs.voices", for: [.worker(.voice)])
        }
    }
}

extension FleetConfiguration.Voice {
    init(_ read: ConfigurationCollector) {
        let known = ["elevenlabs", "openai", "command", "offline"]
        let names: [String] = read.read(
            "voice.order", default: known,
            expected: "it should be some of \(known.joined(separator: ", ")), the first one first"
        ) { text in
            let names = text.split { $0.isWhitespace || $0 == "," }.map(String.init)
            return !names.isEmpty && names.allSatisfy { known.contains($0) } ? names : nil
        }
        order = names.map { ProviderName($0) }
        command = read.commandLine("voice.command")
        commandLanguages = read.words("voice.command-languages")
    }
}

extension FleetConfiguration.YouTube {
    /// Nil where there is no client.
    init?(_ read: ConfigurationCollector) {
        let id = read.optionalString("youtube.client-id")
        let secret = read.secret("youtube.client-secret")
        uploadsPerDay = read.integer("youtube.uploads-per-day", default: 100, in: 1...1_000_000)
        unitsPerDay = read.integer("youtube.units-per-day", default: 10_000, in: 1...100_000_000)
        baseURL = read.address("youtube.base-url")
        guard let id else {
            if secret != nil { read.report("youtube.client-id", expected: "it is needed beside youtube.client-secret") }
            return nil
        }
        (clientID, clientSecret) = (id, secret)
    }
}

extension FleetConfiguration.Bucket {
    /// Nil where no bucket is named.
    init?(_ read: ConfigurationCollector) {
        let name = read.optionalString("artifacts.s3.bucket")
        let access = read.secret("artifacts.s3.access-key")
        let secret = read.secret("artifacts.s3.secret-key")
        region = read.string("artifacts.s3.region", default: "us-east-1")
        endpoint = read.nearAddress("artifacts.s3.endpoint") ?? "https://s3.\(region).amazonaws.com"
        publicEndpoint = read.nearAddress("artifacts.s3.public-endpoint")
        prefix = read.read("artifacts.s3.prefix", default: "", expected: "it should have no slash at its ends") {
            $0.hasPrefix("/") || $0.hasSuffix("/") ? nil : $0
        }
        addressing = read.choice("artifacts.s3.addressing", default: .automatic)
        sessionToken = read.secret("artifacts.s3.session-token")
        checksum = read.choice("artifacts.s3.checksum", default: .sha256)
        partSize = read.integer("artifacts.s3.part-size", default: 16, in: 5...5_120)
        cacheSize = read.integer("artifacts.s3.cache-size", default: 20, in: 1...100_000)
        cachePath = read.string("artifacts.s3.cache-path", default: "/var/lib/ytempire/cache")
        guard let name else {
            if access != nil {
                read.report("artifacts.s3.bucket", expected: "it is needed beside artifacts.s3.access-key")
            }
            return nil
        }
        for (key, value) in [("artifacts.s3.access-key", access), ("artifacts.s3.secret-key", secret)]
        where value == nil {
            read.lacks(
                key, because: "it is needed, since artifacts.s3.bucket is given", for: FleetProgram.withArtifacts)
        }
        (self.name, accessKey, secretKey) = (name, access?.value, secret)
    }
}
