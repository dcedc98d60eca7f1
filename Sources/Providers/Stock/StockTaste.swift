import Production

/// What kind of thing is shown where: a video that is all films looks as unattended as one that is all pictures.
package enum StockTaste: String, Sendable, CaseIterable {
    /// Films and photos in turns, and now and then a drawn picture in the channel's own colours.
    case mixed
    /// Films wherever there are any.
    case films
    /// Photos wherever there are any.
    case photos

    /// What is looked for, the first choice first; empty where a picture is to be drawn.
    ///
    /// - Parameter seed: the video's.
    func kinds(at place: StockPlace, of scene: Storyboard.Scene.Kind, seed: UInt64) -> [StockItem.Kind] {
        switch self {
        case .films: return [.film, .photo]
        case .photos: return [.photo, .film]
        case .mixed:
            // What moves holds who has just come.
            if scene == .opening { return place.part.isMultiple(of: 2) ? [.film, .photo] : [.photo, .film] }
            let turn = Int((UInt64(place.scene) &+ Mixing.value(seed, "turn")) % UInt64(Self.turns.count))
            guard let first = Self.turns[turn] else { return [] }
            let other: StockItem.Kind = first == .film ? .photo : .film
            return place.part.isMultiple(of: 2) ? [first, other] : [other, first]
        }
    }

    /// What scenes show one after the other; nil is drawn.
    private static let turns: [StockItem.Kind?] = [.film, .photo, .film, .photo, .film, nil]
}
