import DurableFiles

/// A picture that the channel brings along.
enum OwnPicture {
    /// What a picture's first bytes say it is.
    enum Format {
        case png, jpeg

        init?(_ head: [UInt8]) {
            if head.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
                self = .png
            } else if head.starts(with: [0xFF, 0xD8, 0xFF]) {
                self = .jpeg
            } else {
                return nil
            }
        }
    }

    /// Copies the picture unchanged. Throws `PictureFault` for what is neither PNG nor JPEG.
    static func copy(_ path: String, as name: String, into folder: DurableFolder) throws {
        let source = try OpenFile.reading(path)
        var draft = try DraftFile(in: folder)
        var head: [UInt8] = []
        try draft.append(contentsOf: source) { piece in
            try Task.checkCancellation()
            if head.isEmpty {
                head = Array(piece.prefix(8))
                guard Format(head) != nil else {
                    throw PictureFault(
                        reason: "\(path) is neither a PNG nor a JPEG picture; convert it, or take it out of the source")
                }
            }
        }
        guard !head.isEmpty else {
            throw PictureFault(
                reason: "\(path) is empty; put a PNG or JPEG picture there, or take it out of the source")
        }
        try draft.commit(as: name, mode: 0o644)
    }
}
