import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import TestServers
import Testing

@testable import OpenAI

/// What is sent and what the peer answers, against the types in OpenAI's own Python package.
@Suite struct `OpenAI's own package` {
    @Test(.timeLimit(.minutes(5)))
    func `takes every request of ours, and reads every answer of the peer`() async throws {
        let python = try PythonEnvironment.with(["openai==3.52.0"])
        let folder = FileManager.default.temporaryDirectory.appending(path: "openai-bodies-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        try await Bench.with { bench in
            let curse: @Sendable (inout PeerScript) -> Void = { $0.scenes[0].narration += " Buy Zorgon now." }
            bench.peer.answer(.changed(curse), .refusal("No."))
            _ = try await bench.write(bench.writer(bench.client()))
            let objects = try bench.client(change: { $0.answerShape = .object })
            _ = try await bench.write(bench.writer(objects))
            let asked = bench.server.requests
            #expect(asked.count == 4)
            for (number, record) in asked.enumerated() {
                try Data(record.body).write(to: folder.appending(path: "request-\(number).json"))
                let reply = try await HTTPCaller().call(
                    HTTPCall(
                        .POST, "\(bench.server.address)/v1/chat/completions", headers: record.head.headers,
                        body: .bytes(record.body)))
                #expect(reply.status == 200)
                try Data(reply.body).write(to: folder.appending(path: "answer-\(number).json"))
            }
            let refusal = OpenAIPeer.error(429, "No credit.", "insufficient_quota", code: "insufficient_quota")
            try Data(refusal.body).write(to: folder.appending(path: "error.json"))
            let list = try await bench.client().models()
            #expect(list.count == 2)
        }
        let script = """
            import json, pathlib, sys
            from pydantic import TypeAdapter
            from openai.types.chat import ChatCompletion
            from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
            from openai.types.shared import ErrorObject
            folder = pathlib.Path(sys.argv[1])
            params = TypeAdapter(CompletionCreateParamsNonStreaming)
            known = set(CompletionCreateParamsNonStreaming.__annotations__)
            def validate(body):
                valid = params.validate_python(body)
                assert len(list(valid["messages"])) == len(body["messages"])  # validated as they are read
            checked = 0
            for file in sorted(folder.glob("request-*.json")):
                body = json.loads(file.read_text())
                validate(body)
                strangers = set(body) - known
                assert not strangers, f"{file.name}: unknown {strangers}"
                checked += 1
            for file in sorted(folder.glob("answer-*.json")):
                answer = ChatCompletion.model_validate_json(file.read_text(), strict=True)
                assert not answer.model_extra and answer.usage.total_tokens > 0
                checked += 1
            ErrorObject.model_validate(json.loads((folder / "error.json").read_text())["error"])
            # The check itself must be able to fail.
            try:
                validate({"model": "m", "messages": [{"role": "nobody", "content": 5}]})
            except Exception:
                print(f"checked {checked}")
            """
        let printed = try python.run(["-c", script, folder.path(percentEncoded: false)])
        #expect(String(decoding: printed, as: UTF8.self) == "checked 8\n")
    }
}
