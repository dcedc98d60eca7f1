/// What extraction knows of a language. Unknown languages get along with none of it.
package struct LanguageWords: Sendable {
    /// Words that say little by themselves, in lower case.
    package let stop: Set<String>
    /// Words and phrases that, at the beginning of a sentence, point back to the one before; in lower case.
    let backward: Set<String>
    /// The same, anywhere in a sentence.
    let backwardInside: [String]
    /// In front of the source's name, with the language's own punctuation; empty where we don't know the word.
    package let sourceLabel: String
    /// Join the halves of a noun phrase: "history *of the* lamp".
    let connectors: Set<String>
    /// In front of a single noun in the nominative.
    let articles: Set<String>
    /// Nouns are written with a capital.
    package let capitalisesNouns: Bool
    /// Verb forms that would cut a heading in two.
    let verbs: Set<String>

    /// The languages it knows words of, as BCP 47 names them.
    package static let known = ["en", "de", "fr", "es", "it", "pt", "nl"]

    /// For a BCP 47 tag.
    package static func of(_ language: String) -> LanguageWords {
        switch language.lowercased().prefix(while: { $0 != "-" && $0 != "_" }) {
        case "en": english
        case "de": german
        case "fr": french
        case "es": spanish
        case "it": italian
        case "pt": portuguese
        case "nl": dutch
        default: none
        }
    }

    private init(
        stop: String, backward: [String] = [], inside: [String] = [], sourceLabel: String, connectors: [String] = [],
        articles: [String] = [], capitalisesNouns: Bool = false, verbs: String = ""
    ) {
        self.stop = Set(stop.split(whereSeparator: \.isWhitespace).map(String.init))
        (self.backward, self.backwardInside) = (Set(backward), inside)
        (self.sourceLabel, self.connectors) = (sourceLabel, Set(connectors))
        self.articles = Set(articles)
        self.capitalisesNouns = capitalisesNouns
        self.verbs = Set(verbs.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    private static let none = LanguageWords(stop: "", sourceLabel: "")

    private static let english = LanguageWords(
        stop: """
            a about above across after again against all almost alone along already also although always am among an and another
            any anyone anything are around as at away back be became because become been before behind being below beneath
            beside besides between beyond both but by came can cannot could did do does done down during each either else enough
            even ever every everyone everything except far few fewer first for from further gave get gets give given go goes
            gone got had has have having he hence her here hers herself him himself his how however i if in indeed instead
            into is it its itself just kept last later least less let like likely long made mainly make makes many may maybe me
            merely might mine more most mostly much must my myself near nearly neither never next no nobody none nor not nothing
            now nowhere of off often on once one only onto or other others otherwise our ours out over own per perhaps put quite
            rather really said same say says second see seem seemed seems seen several shall she should since so some somehow
            someone something sometimes somewhere soon still such take taken than that the their theirs them themselves then
            there thereby therefore these they third this those though three through throughout thus till to together too took
            toward towards two under unless until up upon us use used uses using usually very via was we well went were what
            whatever when whenever where whereas wherever whether which while who whoever whole whom whose why will with within
            without would yet you your yours yourself isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't it's
            that's there's they're ago four five six seven eight nine ten hundred thousand million today yesterday tomorrow
            new old big small good great little way thing things lot kind part apart aside ahead abroad upward upwards downward
            downwards forward forwards inside outside overhead elsewhere everywhere anywhere ashore afloat alive asleep aloft
            altogether least else's rest amount number
            """,
        backward: [
            "it", "he", "she", "they", "this", "that", "these", "those", "its", "his", "her", "their", "them", "him",
            "such",
            "but", "and", "or", "so", "however", "therefore", "then", "thus", "instead", "also", "another", "both",
            "yet",
            "still", "similarly", "meanwhile", "nevertheless", "nonetheless", "moreover", "furthermore", "besides",
            "otherwise", "likewise", "consequently", "hence", "accordingly", "here", "neither", "for example",
            "for instance",
            "in contrast", "by contrast", "on the other", "as a result", "in other words", "the same", "the former",
            "the latter", "the other", "the others", "others", "in turn", "at that", "because of this", "in this",
            "at this",
            "from this", "for this", "to do this", "with this", "the second", "the third", "the next", "some of them",
            "most of them", "one of them", "all of them", "none of", "in addition", "even so", "even then", "that said",
            "after that", "before that", "since then", "by then", "until then", "too", "nor", "again", "finally",
            "second",
            "third", "in fact", "indeed", "more important", "more importantly", "what is more", "the result",
            "the answer",
        ],
        inside: [
            ", however", ", though,", ", though.", " therefore ", ", by contrast", ", in contrast", ", too.",
            " as well.", ", then,",
            ", for example", ", for instance", " the latter", " the former", " instead.", " of them", " this ",
            " these ", " those ", " such ",
        ],
        sourceLabel: "Source: ", connectors: ["of", "of the", "of a", "of an"], articles: ["the", "a", "an"],
        verbs: """
            is are was were be been has have had do does did can could will would shall should may might must began begin begins
            became become becomes broke build builds built bring brings brought buy bought call calls carry carries caught
            chose come comes cost costs cut cuts drew drive drives drove eat eats ate fall falls fell feel feels felt find
            finds found fly flew follow follows gave give gives go goes went grow grows grew hang hangs hung hear heard held
            hold holds keep keeps kept knew know knows lay lead leads led leave leaves left let lets lie lies lit lose lost
            love loves made make makes mean means meant meet met move moves need needs offer offers open opens paid pay pays
            put puts ran read reads reach reaches remain remains rise rises rose run runs said sang sat saw say says see sees
            raise raises bend bends slow slows rub rubs swim swims drift drifts decide decides sink sinks shoot shoots swing
            swings weigh weighs bounce bounces link links freeze freezes stick sticks cast catch catches press presses behave
            behaves reflect reflects absorb absorbs scatter scatters expand expands shrink shrinks shrank spoil spoils reveal
            reveals explain explains prove proves gather gathers produce produces release releases collect collects divide
            divides double doubles float floats melt melts boil boils burn burns mix mixes react reacts attract attracts repel
            repels breathe breathes hunt hunts feed feeds throw throws waste wastes climb climbs walk walks hide hides protect
            protects survive survives warn warns wound belong belongs happen happens bring come describe describes determine
            determines emit emits exist exists fill fills gain gains hit hits improve improves increase increases join joins
            jump jumps land lands listen listens make occur occurs obey obeys pass passes receive receives replace replaces
            respond responds ring rings sleep sleeps smell smells split splits squeeze squeezes strike strikes struck swallow
            swallows tear tears touch touches trap traps vanish vanishes warm warms
            seem seems sell sold send sends sent serve serves set sets shine shines shone show shows sing sit sits spent
            stand stands stood start starts stay stays stop stops take takes took teach taught tell tells told think thinks
            thought threw turn turns understand understood wear wore win won work works write wrote writes let's allow allows
            appear appears ask asks change changes contain contains cover covers create creates depend depends form forms
            help helps include includes lack lacks last lasts live lives look looks measure measures provide provides pull
            pulls push pushes require requires save saves spread spreads travel travels use uses want wants
            """)

    private static let german = LanguageWords(
        stop: """
            ab aber alle allein allem allen aller alles als also am an andere anderem anderen anderer anderes ans auch auf aus
            außer bei beim bereits bevor bin bis bisher blieb bleibt da dabei dadurch dafür derselbe dieselbe dasselbe denselben derselben desselben dagegen daher damals damit danach
            daneben dann daran darauf daraus darf darin darüber darum darunter das dass davon davor dazu dein dem den denen denn
            dennoch der deren des deshalb dessen die dies diese diesem diesen dieser dieses doch dort du durch dürfen eben ein
            eine einem einen einer eines einige einigen einiger einmal er erst erste ersten erster es etwa etwas euch euer fast
            für gab ganz gegen gehen geht gemacht gerade gern gibt ging gut habe haben hat hatte hatten her heute hier hin
            hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem ins ist ja jede jedem jeden jeder jedes
            jedoch jemand jene jenen jetzt kann kam kaum kein keine keinem keinen keiner kommen kommt konnte konnten können
            lange lassen ließ machen macht man manche mehr mein meist mich mir mit muss musste müssen nach nachdem nämlich neben
            nein nicht nichts nie niemand noch nun nur ob oben oder oft ohne rund schon sehr sei sein seine seinem seinen seiner
            seit selbst sich sie sind so sogar solche soll sollte sollten sondern sonst sowie statt über um und uns unser
            unter viel viele vielen vom von vor wann war waren warum was weder weil weiter welche welchem welchen welcher
            wenig wenige weniger wenn wer werden wie wieder will wir wird wo wobei wohl wollte wurde wurden würde zu zum
            zur zwar zwei zwischen drei vier fünf jahr jahre jahren
            """,
        backward: [
            "er", "sie", "es", "dies", "das", "diese", "dieser", "dieses", "diesen", "diesem", "seine", "sein", "ihre",
            "ihr",
            "aber", "und", "oder", "doch", "jedoch", "deshalb", "daher", "darum", "deswegen", "dann", "danach",
            "damals", "dabei",
            "dadurch", "dafür", "dagegen", "damit", "daran", "darauf", "darin", "davon", "dazu", "dort", "hier", "so",
            "auch",
            "außerdem", "zudem", "allerdings", "trotzdem", "dennoch", "stattdessen", "sonst", "ebenso", "solche",
            "jene", "beide",
            "denn", "also", "zum beispiel", "im gegensatz", "sein", "seinen", "ihren", "ihm", "ihnen", "schließlich",
            "später",
        ],
        inside: [
            " jedoch ", " dagegen ", " deshalb ", " daher ", " hingegen ", " allerdings ", " danach ", " dadurch ",
            " trotzdem ", " außerdem ",
        ],
        sourceLabel: "Quelle: ", connectors: ["der", "des", "von", "vom", "im", "am", "für", "und"],
        capitalisesNouns: true)

    private static let french = LanguageWords(
        stop: """
            à afin ai ainsi alors après assez au aucun aucune aujourd'hui auquel aura aussi autant autre autres aux avait avaient
            avant avec avoir beaucoup bien c car ce ceci cela celle celles celui cependant ces cet cette ceux chacun chaque chez
            ci comme comment contre d dans de déjà depuis des dès deux devant doit donc dont du elle elles en encore entre est
            et étaient était étant être eu eux fait faire faut fois font fut grâce hors ici il ils j jamais je jusqu jusque l la
            là le les leur leurs lors lorsque lui m mais malgré me même mêmes mes moi moins mon n ne ni non nos notre nous on ont
            or ou où par parce parfois parmi pas pendant peu peut peuvent plus plusieurs plutôt pour pourquoi pourtant près
            presque puis puisque qu quand que quel quelle quelles quelque quelques quels qui quoi s sa sans se selon sera ses si
            sien soi soit son sont sous souvent sur t ta tandis tant te tel telle tels tes toi ton toujours tous tout toute toutes
            très trois trop tu un une vers voici voilà vos votre vous y premier première grand grande siècle ans année années
            """,
        backward: [
            "il", "elle", "ils", "elles", "ce", "cela", "ceci", "cette", "ces", "cet", "celui", "celle", "son", "sa",
            "ses", "leur",
            "leurs", "mais", "et", "ou", "donc", "or", "car", "cependant", "pourtant", "toutefois", "ainsi", "alors",
            "puis",
            "ensuite", "aussi", "enfin", "là", "ici", "par exemple", "en revanche", "de plus", "en effet",
            "par conséquent",
            "c'est", "c’est", "c'était", "c’était", "au contraire", "les deux", "depuis lors", "à l'inverse",
        ],
        inside: [", cependant", ", pourtant", ", toutefois", " par contre", ", donc,", ", en revanche", " ainsi "],
        sourceLabel: "Source : ", connectors: ["de", "du", "des", "de la", "d", "à", "au", "aux", "en", "et", "de l"],
        articles: ["le", "la", "les", "un", "une"])

    private static let spanish = LanguageWords(
        stop: """
            a al algo alguna algunas alguno algunos ante antes aquel aquella aquí así aun aún aunque bajo bien cada casi como cómo
            con contra cosa cual cuales cuando cuándo cuanto da dan de del desde después donde dónde dos durante e el él ella
            ellas ello ellos en entonces entre era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron
            gran ha había habían hace hacen hacer hacia han hasta hay incluso la las le les lo los luego más me menos mi mientras
            mismo mucho muchos muy nada ni no nos nosotros nunca o otra otras otro otros para pero poco pocos podía por porque
            pronto pudo pues puede pueden que qué quien quién se según sea ser si sí sido siempre sin sino sobre solo sólo son su
            sus tal también tampoco tan tanto te tenía tiene tienen toda todas todavía todo todos tras tres tu tuvo un una unas
            uno unos usted va vez y ya yo año años siglo primer primera primero
            """,
        backward: [
            "él", "ella", "ellos", "ellas", "esto", "este", "esta", "estos", "estas", "ese", "esa", "esos", "esas",
            "eso", "su",
            "sus", "pero", "y", "o", "así", "entonces", "luego", "después", "además", "también", "sin embargo",
            "por eso",
            "por ello", "por tanto", "por lo tanto", "no obstante", "aunque", "allí", "aquí", "por ejemplo",
            "en cambio",
            "de hecho", "al final", "ambos", "ambas", "tampoco", "aun así", "desde entonces", "pues",
        ],
        inside: [
            ", sin embargo", ", en cambio", ", por tanto", ", por ejemplo", ", además", ", no obstante", " por eso ",
        ],
        sourceLabel: "Fuente: ", connectors: ["de", "del", "de la", "de los", "de las", "en", "y", "a", "al"],
        articles: ["el", "la", "los", "las", "un", "una"])

    private static let italian = LanguageWords(
        stop: """
            a ad ai al alla alle allo anche ancora avere aveva c che chi ci come con contro cui d da dai dal dalla dalle dei del
            della delle dello di dopo dove due e è ed era erano fa fino fra fu furono già gli ha hanno i il in io l la le lei lo
            loro lui ma me mentre mi molto ne negli nei nel nella nelle no noi non nulla o ogni oltre per perché però più poi prima
            qua quale quando quasi quella quelle quelli quello questa queste questi questo qui se sempre senza si sia sono sopra
            sotto stata stato su sua sue sugli sui sul sulla suo suoi tra tre tu tutta tutte tutti tutto un una uno vi
            """,
        backward: [
            "egli", "lui", "lei", "essa", "esso", "essi", "loro", "questo", "questa", "questi", "queste", "quello",
            "ciò", "suo",
            "sua", "ma", "e", "o", "quindi", "però", "tuttavia", "così", "allora", "poi", "inoltre", "anche", "invece",
            "infatti",
            "perciò", "dunque", "qui", "lì", "per esempio",
        ], sourceLabel: "Fonte: ",
        connectors: ["di", "del", "della", "dei", "delle", "dello", "d", "a", "da", "in", "e"],
        articles: ["il", "lo", "la", "i", "gli", "le", "un", "una"])

    private static let portuguese = LanguageWords(
        stop: """
            a à ainda além algo alguns antes ao aos apenas após as até cada com como contra da das de desde do dois dos duas e é ela
            elas ele eles em entre era eram essa esse esta está este eu foi foram há isso isto já la lá lhe mais mas me mesmo muito
            na não nas nem no nos nós o onde os ou outra outro para pela pelas pelo pelos pode por porque quando que quem são se
            sem ser seu seus só sob sobre sua suas também tanto tem têm ter tinha todo todos três tudo um uma
            """,
        backward: [
            "ele", "ela", "eles", "elas", "isso", "isto", "esse", "essa", "este", "esta", "seu", "sua", "mas", "e",
            "ou", "assim",
            "então", "depois", "além disso", "também", "no entanto", "porém", "por isso", "portanto", "ali", "aqui",
            "por exemplo", "contudo",
        ], sourceLabel: "Fonte: ", connectors: ["de", "do", "da", "dos", "das", "em", "e"],
        articles: ["o", "a", "os", "as", "um", "uma"])

    private static let dutch = LanguageWords(
        stop: """
            aan al alle als altijd andere ben bij daar dan dat de deze die dit doch doen door dus een en er eens elk enkele
            ge geen geweest haar had heb hebben heeft hem het hier hij hoe hun ik in is ja je kan kon kunnen maar me meer men met
            mij mijn moet na naar net niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot twee
            u uit uw van veel voor waar waren was wat we wel werd werden wie wij wil worden wordt zal ze zelf zich zij zijn zo
            zonder zou
            """,
        backward: [
            "hij", "zij", "ze", "het", "dit", "dat", "deze", "die", "zijn", "haar", "hun", "maar", "en", "of", "dus",
            "toch",
            "daarom", "daarna", "toen", "dan", "ook", "daar", "hier", "bovendien", "echter", "zo", "bijvoorbeeld",
        ], sourceLabel: "Bron: ", connectors: ["van", "van de", "van het", "in", "en"], articles: ["de", "het", "een"])
}
