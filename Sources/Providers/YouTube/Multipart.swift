import FoundationEssentials

/// Metadata and a file in one body (RFC 2387), as Google's `uploadType=multipart` takes it.
enum Multipart {
    static func related(_ metadata: some Encodable, _ file: [UInt8], type: String) throws -> (boundary: String, [UInt8])
    {
        let json = try JSONEncoder().encode(metadata)
        var boundary = "ytempire-part"
        // Never one that the file holds.
        while file.contains(boundary) { boundary += "-x" }
        var body = Array("--\(boundary)\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n".utf8)
        body += json
        body += Array("\r\n--\(boundary)\r\nContent-Type: \(type)\r\n\r\n".utf8)
        body += file
        body += Array("\r\n--\(boundary)--\r\n".utf8)
        return (boundary, body)
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool { !ranges(of: Array(text.utf8)).isEmpty }
}
