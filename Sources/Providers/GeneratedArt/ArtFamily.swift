/// The kinds of picture there are.
enum ArtFamily: CaseIterable, Sendable {
    case aurora, beams, bokeh, contours, discs, dunes, facets, orbits, ribbons, ridges, tiles

    /// As many seeds in a row as there are families, from a multiple of their number on, give each family once, in an
    /// order of their own: scenes numbered one after the other then never look alike.
    init(seed: UInt64) {
        let families = Self.allCases
        let count = UInt64(families.count)
        var dice = Dice(seed: seed / count)
        var order = families
        for index in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(index, dice.whole(0...index)) }
        self = order[Int(seed % count)]
    }

    func composition(_ frame: Frame, _ inks: Inks, _ dice: inout Dice) -> any Composition {
        switch self {
        case .aurora: Aurora(frame, inks, &dice)
        case .beams: Beams(frame, inks, &dice)
        case .bokeh: Bokeh(frame, inks, &dice)
        case .contours: Contours(frame, inks, &dice)
        case .discs: Discs(frame, inks, &dice)
        case .dunes: Dunes(frame, inks, &dice)
        case .facets: Facets(frame, inks, &dice)
        case .orbits: Orbits(frame, inks, &dice)
        case .ribbons: Ribbons(frame, inks, &dice)
        case .ridges: Ridges(frame, inks, &dice)
        case .tiles: Tiles(frame, inks, &dice)
        }
    }
}
