/// What there is to make a video of, and what is known of it. Nothing here reads a file: whoever makes a material has looked.
package struct Material: Sendable, Equatable {
    /// Path of the narration's sound.
    package var narration: String
    /// For each scene of the storyboard its pictures and films, in the order in which they are shown. A scene without any
    /// is shown on the palette's background.
    package var scenes: [[Footage]]
    /// The channel's own films before and after the story.
    package var intro: Film?
    package var outro: Film?
    /// Path of a picture.
    package var logo: String?
    /// Path of the channel's own music.
    package var music: String?

    package init(
        narration: String, scenes: [[Footage]], intro: Film? = nil, outro: Film? = nil, logo: String? = nil,
        music: String? = nil
    ) {
        (self.narration, self.scenes, self.intro, self.outro) = (narration, scenes, intro, outro)
        (self.logo, self.music) = (logo, music)
    }

    /// The first picture of the story; nil where it has only films, or nothing.
    package var firstStill: String? {
        for case .still(let still) in scenes.joined() { return still.file }
        return nil
    }

    /// The same with other paths: those of a scratch folder, for example, told by what they are.
    package func named(_ name: (String) -> String) -> Material {
        func film(_ film: Film) -> Film {
            var film = film
            film.file = name(film.file)
            return film
        }
        return Material(
            narration: name(narration),
            scenes: scenes.map { footage in
                footage.map { piece in
                    switch piece {
                    case .still(var still):
                        still.file = name(still.file)
                        return .still(still)
                    case .film(let piece): return .film(film(piece))
                    }
                }
            }, intro: intro.map(film), outro: outro.map(film), logo: logo.map(name), music: music.map(name))
    }
}
