import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct `What make install puts into a system` {
    @Test func `is removed by uninstall, to the last file, but for configuration and data`() async throws {
        let system = try await Installation(staged: true)
        // What a person has, and what other packages have.
        for path in ["etc/ytempire/ytempire.yaml", "usr/local/bin/other", "var/lib/ytempire/artifacts/ab"] {
            let file = system.url(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: file)
        }
        let before = system.files
        try await system.install()
        #expect(try system.text("etc/ytempire/ytempire.yaml") == "mine", "a person's configuration is never replaced")
        let installed = system.files
        for program in programs { #expect(installed.contains("usr/local/bin/\(program)")) }

        // An older version had a file more: the next install removes it.
        let list = system.url("usr/local/share/ytempire/installed")
        try Data("gone".utf8).write(to: system.url("usr/local/bin/ytempire-old"))
        try (try String(contentsOf: list, encoding: .utf8) + "/usr/local/bin/ytempire-old\n")
            .write(to: list, atomically: true, encoding: .utf8)
        try await system.install()
        #expect(system.files == installed)

        try await system.uninstall()
        #expect(system.files == before)
        #expect(!FileManager.default.fileExists(atPath: system.url("usr/local/share/ytempire").path))
        let again = try await system.uninstall()
        #expect(again.output.contains("nothing is installed"))
    }

    @Test func `never removes what lies outside the prefix, whatever its list says`() async throws {
        let system = try await Installation(staged: true)
        let list = system.url("usr/local/share/ytempire/installed")
        try FileManager.default.createDirectory(
            at: list.deletingLastPathComponent(), withIntermediateDirectories: true)
        let strangers = ["etc/passwd", "usr/local-else/file"]
        for path in strangers {
            let file = system.url(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
        }
        try "/etc/passwd\n/usr/local/../../etc/passwd\n/usr/local-else/file\n/usr/local/share/ytempire/installed\n"
            .write(to: list, atomically: true, encoding: .utf8)
        try await system.uninstall()
        #expect(system.files == strangers)
    }

    @Test(arguments: programs)
    func `runs, without symbols, and has its manual and completions`(_ program: String) async throws {
        let system = try await Installation.shared.value
        let path = system.url("usr/local/bin/\(program)").path
        let version = try await Command.succeed(path, ["--version"], environment: try swiftLibraries())
        #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(version)")
        let sections = try await Command.succeed("readelf", ["--section-headers", "--wide", path])
        #expect(sections.output.contains(".dynsym") && !sections.output.contains(".symtab"))

        let manual = system.url("usr/local/share/man/man1/\(program).1.gz").path
        let page = try await Command.succeed("gzip", ["-dc", manual])
        #expect(page.output.contains("\n.Nm \(program)\n") || page.output.contains(".Nm \(program)"), "\(page)")
        let bash = system.url("usr/local/share/bash-completion/completions/\(program)").path
        try await Command.succeed("bash", ["-n", bash])
        #expect(try system.text("usr/local/share/zsh/site-functions/_\(program)").hasPrefix("#compdef \(program)"))
        let fish = try system.text("usr/local/share/fish/vendor_completions.d/\(program).fish")
        #expect(fish.contains("complete -c '\(program)'"), "\(fish.prefix(500))")
    }

    @Test func `has a page for each command, and the licence`() async throws {
        let system = try await Installation.shared.value
        let pages = system.files.filter { $0.hasPrefix("usr/local/share/man/man1/ytempire.") }
        for command in ["job.show", "queue.pause", "migrate", "doctor"] {
            #expect(pages.contains("usr/local/share/man/man1/ytempire.\(command).1.gz"), "\(pages)")
        }
        #expect(try system.text("usr/local/share/doc/ytempire/LICENSE").contains("Apache License"))
        #expect(
            try system.text("etc/ytempire/ytempire.yaml") == system.text("usr/local/share/doc/ytempire/ytempire.yaml"))
    }

    @Test func `says what to build first where nothing is built`() async throws {
        let command = try await Command.run(
            "bash", ["Deploy/install.sh", "install"],
            environment: ["BUILT": "/no/such/folder", "DESTDIR": "/tmp/nowhere-\(UUID().uuidString)"])
        #expect(command.status == 1 && command.output.contains("make build"), "\(command)")
    }

    /// Programs that were built for tests need the libraries of the Swift they were built with.
    private func swiftLibraries() throws -> [String: String] {
        let variables = ProcessInfo.processInfo.environment
        return variables["LD_LIBRARY_PATH"].map { ["LD_LIBRARY_PATH": $0] } ?? [:]
    }
}
