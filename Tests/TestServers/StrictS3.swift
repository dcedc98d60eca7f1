package import Foundation

/// A real S3 server from PyPI, moto, which lets nobody in without a good signature. It has one bucket, and forgets all of it
/// at its end.
package final class StrictS3: Sendable {
    package let port: Int
    private let process: ServerProcess
    private let python: PythonEnvironment
    private let secretKey: String

    package static let accessKey = "AKIDEXAMPLE"
    package static let secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    package static let region = "eu-central-1"
    package static let bucket = "media"

    package static func python() throws -> PythonEnvironment {
        try PythonEnvironment.with(["moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5"])
    }

    package static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "strict_s3.py")
        .path

    package init(secretKey: String = StrictS3.secretKey) async throws {
        self.secretKey = secretKey
        python = try Self.python()
        let folder = try ServerFolder()
        process = try ServerProcess(
            python.python,
            [Self.script, folder.file("port"), Self.accessKey, secretKey, Self.region, Self.bucket], in: folder)
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let text = try? String(contentsOfFile: folder.file("port"), encoding: .utf8)
            if let port = text.flatMap({ Int($0) }) {
                self.port = port
                return
            }
            // It can't tell us that it is ready; this is the interval of a retry.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ServerError("the S3 server did not start within 60 s; it printed: \(process.log)")
    }

    /// What it printed: a refused signature's canonical request.
    package var log: String { process.log }

    package var address: String { "http://127.0.0.1:\(port)" }

    /// Writes every object of the bucket into a folder; their names are the files' with `_` for `/`.
    package func download(to folder: URL) throws {
        let program = """
            import boto3, sys
            address, region, access, secret, bucket, folder = sys.stdin.read().split("\\n")
            client = boto3.client("s3", endpoint_url=address, region_name=region, aws_access_key_id=access,
                aws_secret_access_key=secret)
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for entry in page.get("Contents", []):
                    client.download_file(bucket, entry["Key"], folder + "/" + entry["Key"].replace("/", "_"))
            """
        let words = [address, Self.region, Self.accessKey, secretKey, Self.bucket, folder.path]
        _ = try python.run(["-c", program], input: Data(words.joined(separator: "\n").utf8))
    }
}
