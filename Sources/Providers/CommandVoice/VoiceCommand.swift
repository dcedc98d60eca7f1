/// A program of this machine that speaks a text, and how it is called: `piper --model en.onnx --output_file {output}`.
///
/// No shell reads the arguments. In each of them `{output}` stands for the WAV file to write, `{text_file}` for a file with
/// the text as UTF-8, `{language}` for the storyboard's language and `{voice}` for the channel's voice. Without
/// `{text_file}` the text is on standard input; without `{output}` the WAV is taken from standard output.
package struct VoiceCommand: Sendable, Equatable {
    /// The program, by its path or looked for in `PATH`, and what it is given.
    package let arguments: [String]
    /// How long it may take for one scene.
    package let timeLimit: Duration

    /// - Parameter arguments: at least the program.
    package init?(_ arguments: [String], timeLimit: Duration = .seconds(120)) {
        guard let program = arguments.first, !program.isEmpty, timeLimit > .zero,
            !arguments.contains(where: { $0.utf8.contains(0) })
        else { return nil }
        (self.arguments, self.timeLimit) = (arguments, timeLimit)
    }

    /// As a person knows it: the program without its folder.
    package var name: String { arguments[0].split(separator: "/").last.map(String.init) ?? arguments[0] }

    func takes(_ place: Placeholder) -> Bool { arguments.contains { $0.contains(place.rawValue) } }

    enum Placeholder: String, CaseIterable {
        case output = "{output}"
        case textFile = "{text_file}"
        case language = "{language}"
        case voice = "{voice}"
    }

    /// The arguments with their placeholders filled in; what is filled in is not looked at again.
    func filled(_ values: [Placeholder: String]) -> [String] {
        arguments.map { argument in
            var result = ""
            var rest = argument[...]
            while let open = rest.firstIndex(of: "{") {
                result += rest[..<open]
                rest = rest[open...]
                if let place = Placeholder.allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
                    result += values[place] ?? ""
                    rest = rest.dropFirst(place.rawValue.count)
                } else {
                    result.append(rest.removeFirst())
                }
            }
            return result + rest
        }
    }
}
