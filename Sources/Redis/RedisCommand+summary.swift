extension RedisCommand {
    /// The command as error messages show it: its first few arguments, each cut short, bytes that are not text escaped, secrets left out.
    var summary: String {
        var words = [name]
        if carriesSecrets {
            words += arguments.isEmpty ? [] : ["<redacted>"]
            return words.joined(separator: " ")
        }
        for (position, argument) in arguments.prefix(Self.shownArguments).enumerated() {
            words.append(position == 0 ? alias ?? argument.excerpt : argument.excerpt)
        }
        let hidden = arguments.count - Self.shownArguments
        if hidden > 0 { words.append("… (\(hidden) more)") }
        return words.joined(separator: " ")
    }

    private static let shownArguments = 4

    /// Commands that take passwords: `AUTH`, `HELLO … AUTH`, `ACL SETUSER`, `CONFIG SET requirepass`, `MIGRATE … AUTH`.
    private var carriesSecrets: Bool {
        switch name.uppercased() {
        case "AUTH", "HELLO", "ACL", "MIGRATE": true
        case "CONFIG": arguments.first?.excerpt.uppercased() != "GET"
        default: false
        }
    }
}

extension [RedisCommand] {
    var summary: String? {
        guard let first else { return nil }
        return count == 1 ? first.summary : "pipeline of \(count), first \(first.summary)"
    }
}

extension RedisArgument {
    /// At most 64 characters, on one line.
    var excerpt: String {
        let limit = 64
        var text = ""
        for character in String(decoding: bytes.prefix(limit * 4), as: UTF8.self).prefix(limit) {
            let isPlain = character.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value != 0x7F && $0 != "\u{FFFD}"
            }
            text.append(isPlain ? character : "·")
        }
        return text.utf8.count < bytes.count ? text + "…" : text
    }
}
