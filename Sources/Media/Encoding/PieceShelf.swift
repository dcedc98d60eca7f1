/// Which pieces of a video are there, and where.
struct PieceShelf: Sendable {
    /// Where pieces outlive this render, and under which names; nil: they don't.
    let archive: (store: any SegmentStore, key: PieceKey)?
    private(set) var files: [RenderSession.Piece: String] = [:]
    /// Of them, those that an earlier render has made.
    private(set) var found: Set<RenderSession.Piece> = []
    /// The first thing that went wrong with keeping pieces, or with pieces that were kept.
    private(set) var failure: String?

    init(archive: (store: any SegmentStore, key: PieceKey)?) { self.archive = archive }

    /// Takes what an earlier render has left. A store that can't say is one that has nothing.
    mutating func find(_ pieces: [RenderSession.Piece]) async {
        guard let archive else { return }
        for piece in pieces {
            guard let file = try? await archive.store.find(archive.key.name(of: piece)) else { continue }
            files[piece] = file
            found.insert(piece)
        }
    }

    /// Leaves out what an earlier render has made: it is of no use.
    mutating func refuseFound(_ reason: String) {
        for piece in found { files[piece] = nil }
        found = []
        failure = failure ?? reason
    }

    /// Gives each finished piece to the store. One that can't be kept is used from where it is.
    func keeping(_ finished: AsyncStream<(RenderSession.Piece, String)>) async -> PieceShelf {
        var shelf = self
        for await (piece, file) in finished {
            shelf.files[piece] = file
            guard let archive else { continue }
            do {
                shelf.files[piece] = try await archive.store.keep(file, as: archive.key.name(of: piece))
            } catch {
                shelf.failure = shelf.failure ?? "\(error)"
            }
        }
        return shelf
    }
}
