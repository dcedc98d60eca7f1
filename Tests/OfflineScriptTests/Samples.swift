import Feeds
import Foundation
import Production

/// A channel over a source, and the articles that the tests tell.
enum Samples {
    static func channel(_ source: String, id: Int64 = 1, language: String = "en", length: Int = 90) throws -> Channel {
        guard let noon = TimeOfDay("12:00") else { throw CocoaError(.formatting) }
        return Channel(
            id: .init(id), user: .init(1), name: "Channel \(id)", slug: "channel-\(id)", source: source,
            language: language,
            voice: nil, orientation: .landscape, palette: .ocean, length: length, dailyAt: noon, review: false,
            state: .active,
            lastServed: nil)
    }

    static func item(_ body: String, title: String = "A title", markup: ItemBody.Markup = .markdown) -> FeedItem {
        FeedItem(
            key: "k", title: title, link: "https://www.example.org/a", author: "Ann Lee", date: nil,
            body: ItemBody(markup, body))
    }

    static func feed(_ items: [FeedItem], title: String? = "The Lamp Room") -> Feed {
        Feed(format: .markdown, title: title, link: nil, items: items)
    }

    /// Over a thousand words of prose that differ from each other.
    static func longArticle(words: Int) -> String {
        let subjects = [
            "The harbour master", "An old keeper", "A merchant from Bergen", "The northern lighthouse",
            "A young engineer",
        ]
        let deeds = [
            "measured the height of every wave", "kept a record of the passing ships",
            "repaired the brass lamp by hand",
        ]
        let ends = [
            "before the winter storms arrived", "while the town was asleep", "for more than thirty years",
            "with nothing but rope and tar",
        ]
        var (text, count, index) = ("", 0, 0)
        while count < words {
            let sentence =
                "\(subjects[index % 5]) \(deeds[index % 3]) \(ends[index % 4]), as entry \(index + 1) of the log shows."
            text += sentence + (index % 4 == 3 ? "\n\n" : " ")
            count += sentence.split(separator: " ").count
            index += 1
        }
        return text
    }

    static let english = """
        Glass was discovered by accident more than four thousand years ago. Sand, ash and lime melted together in a fire, and a
        new material remained. Nobody planned it, and for a long time nobody understood it.

        ## The first workshops

        The oldest workshops stood in Mesopotamia. Craftsmen there cast beads and small bottles, which were traded like jewels.
        A single blue bead could cost as much as a sheep. Egyptian kings collected them by the thousand.

        ## Blowing glass

        About two thousand years ago, workers in Syria learned to blow glass through an iron pipe. That invention changed
        everything [1]. A blower made in an hour what had taken a week before. Roman houses soon had windows, cups and lamps made
        of glass, see https://example.org/rome for pictures.

        ## Clear as water

        Early glass was green or brown because of the iron in the sand. Venetian masters on the island of Murano found a cure
        around 1450. They added manganese, and the glass became clear. The recipe was a secret of the state, and whoever carried
        it abroad was hunted. 😀

        ## Lenses

        Clear glass made lenses possible. Spectacles gave scholars twenty more years of reading. Galileo turned two lenses to the
        sky in 1609 and saw the moons of Jupiter. Microscopes opened the other direction, and bacteria came into view.

        ## Flat and wide

        Flat glass remained expensive until the twentieth century. In 1952, Alastair Pilkington poured molten glass onto a bath of
        molten tin. The glass floats there, and gravity makes both sides perfectly smooth. Nearly every window is made that way today.

        ## Threads of light

        A thread of pure glass can carry light for a hundred kilometres. Each telephone call and every web page crosses the oceans in
        such threads. The network of the world hangs on sand, ash and lime, melted together in a fire.
        """

    static let german = """
        Der Leuchtturm von Alexandria war eines der sieben Weltwunder. Seine Spitze ragte mehr als hundert Meter in die Höhe. Bei Nacht
        brannte dort ein Feuer aus Holz und Pech, das die Schiffe in den Hafen führte.

        Im Mittelalter erlosch das Wissen um solche Türme fast ganz. Mönche stellten Laternen in die Fenster ihrer Klöster, und Fischer
        richteten sich nach Kirchtürmen. Am 3. Oktober 1304 brach nach alten Berichten ein Beben die letzten Mauern von Alexandria.

        Erst im 18. Jahrhundert begann eine neue Zeit. John Smeaton baute 1759 einen Turm aus verzahnten Granitblöcken auf das Riff von
        Eddystone. Seine Form ähnelte dem Stamm einer Eiche und trotzte jedem Sturm. Ingenieure in ganz Europa ahmten den Entwurf nach.

        Der Franzose Augustin Fresnel entwarf 1822 eine Linse aus vielen Ringen. Das Glas bündelte das Licht einer kleinen Lampe zu einem
        Strahl, der dreißig Kilometer weit reichte. Jede Küste Europas wurde in wenigen Jahrzehnten mit Fresnels Linsen ausgerüstet.

        Heute steuern Satelliten die meisten Schiffe. Viele Türme stehen leer, z. B. an der Küste von Schottland. Andere dienen als
        Museum, Herberge oder Wetterwarte. Die Lampen drehen sich trotzdem weiter, weil ein Licht am Horizont keinen Strom an Bord braucht.
        """

    static let french = """
        Le verre est né du sable et du feu il y a plus de quatre mille ans. Des artisans de Mésopotamie fondaient déjà de petites perles
        bleues pour les rois. Ces perles valaient autant que des pierres précieuses.

        Vers le début de notre ère, des ouvriers de Syrie inventèrent la canne à souffler. Un seul homme fabriquait désormais en une heure
        ce qui demandait une semaine de travail. Rome remplit ses maisons de coupes, de lampes et de fenêtres.

        Au XVe siècle, les maîtres de Murano trouvèrent le secret du verre clair. La République de Venise interdisait à ces hommes de
        quitter la lagune. M. Colbert attira pourtant quelques familles à Paris pour décorer le château de Versailles.

        Les lentilles changèrent ensuite le regard des savants. Galilée découvrit les lunes de Jupiter en 1610 avec deux morceaux de verre
        poli. Le microscope montra un monde que personne ne soupçonnait dans une goutte d'eau.

        Aujourd'hui, des fils de verre plus fins qu'un cheveu traversent les océans. La lumière y porte nos lettres, nos images et nos voix
        en une fraction de seconde. Le sable des plages relie ainsi tous les continents.
        """
}
