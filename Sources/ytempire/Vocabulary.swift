import ArgumentParser
import Production

/// The words that a command line may begin with. ArgumentParser knows the nearest option, but not the nearest command.
struct Vocabulary {
    let root: any ParsableCommand.Type

    /// What people type who know other programs.
    private static let meant = [
        "status": "`ytempire dash --once` shows the fleet, `ytempire doctor` looks whether all is well.",
        "logs": "`ytempire job log JOB` tells a job's story, `ytempire events` follows the fleet.",
        "man": "`man ytempire` shows the manual, where it was installed by `make install`.",
        "completion": "`ytempire --generate-completion-script bash` (or zsh, fish) prints completions.",
    ]

    /// With the options that every command has behind the command, wherever they were typed.
    func ordered(_ words: [String]) -> [String] {
        var (first, rest) = ([String](), words[...])
        while let word = rest.first, word == "--json" || word == "--config" || word.hasPrefix("--config=") {
            let count = word == "--config" ? 2 : 1
            first += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        guard !rest.isEmpty else { return words }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + first + rest[end...]
    }

    /// What is wrong with the command's words, and which ones were probably meant; nil if they are known.
    func trouble(in words: [String]) -> String? {
        let isHelp = words.first == "help"
        var (command, path) = (root, [name(of: root)])
        for word in words.dropFirst(isHelp ? 1 : 0) {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty, !word.hasPrefix("-") else { return nil }
            if path.count == 1, word == "help" { return nil }
            guard let next = commands.first(where: { name(of: $0) == word }) else {
                return unknown(word, in: path, among: commands.map(name(of:)))
            }
            command = next
            path.append(word)
        }
        return nil
    }

    private func unknown(_ word: String, in path: [String], among known: [String]) -> String {
        let place = path.joined(separator: " ")
        let stem = word.hasSuffix("s") ? String(word.dropLast()) : word
        let special = Self.meant[word] ?? Self.meant[stem]
        if path.count == 1, let special { return "There is no command `\(place) \(word)`. \(special)" }
        if word == "help" {
            return
                "There is no command `\(place) help`. `ytempire help \(path.dropFirst().joined(separator: " "))` tells of it."
        }
        let near =
            known.first { $0 == stem || "\($0)s" == word || $0.hasPrefix(word) && word.count > 1 }
            ?? word.nearest(among: known)
        let hint = near.map { "Did you mean `\(place) \($0)`?" } ?? "There are: \(known.joined(separator: ", "))."
        return "There is no command `\(place) \(word)`. \(hint)\n`\(place) --help` shows them all."
    }

    /// As it is typed: ArgumentParser's rule, where the command names itself not.
    private func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
