/// What narrations are about, with numbers and abbreviations in them.
enum Texts {
    /// 246 words
    static let moon = """
        In 1969, two people walked on the Moon for the first time. Half a billion others watched them do it, on screens that \
        flickered in grey and white. The computer that took them there had 4,096 words of memory, and ran at about one \
        megahertz. A modern phone is 100,000 times faster, and yet nobody has flown it to the Moon. Its software was woven by \
        hand. Dr. Hamilton's team wrote the code, and workers in a factory threaded copper wires through tiny magnetic rings, \
        one for each bit. A wire through the ring meant one; a wire around it meant zero. Did it work? It did. Three minutes \
        before landing an alarm went off, because the radar had flooded the machine with data. It threw away what mattered \
        least, and kept flying. That idea is still with us. When a system can't do everything, it should do the most \
        important thing first. Engineers call it graceful degradation, and you will find it in phone networks, in cars, and \
        in the pumps that keep a hospital's patients alive. About 85% of the programs that run the world today were written \
        by people who never met the ones who use them, e.g. the 12 engineers behind a single traffic light. They must guess \
        what will go wrong, and choose what to give up when it does. The crew of Apollo 11 landed with 25 seconds of fuel \
        left. The guess had been right.
        """
    /// 131 words
    static let coffee = """
        Every morning, about 2 billion cups of coffee are poured. Why does it keep us awake? Caffeine looks almost exactly \
        like a molecule called adenosine, which makes us tired. It sits in the same seat, and does nothing. So the brain \
        believes that it is still early, even at 5 p.m. on a Friday! After 6 hours, half of the caffeine is gone; after 12 \
        hours, a quarter is left. Prof. Walker calls it borrowed time. The tiredness does not go away, it waits. Once the \
        seat is free, everything arrives at once, and that is the crash we know. If you want to sleep at 11, drink your \
        last cup before noon. Or, as my grandmother used to say, drink tea, which has half of it and twice the taste.
        """
    /// 134 words
    static let mond = """
        Im Jahr 1969 betraten zum ersten Mal zwei Menschen den Mond. Eine halbe Milliarde andere sahen ihnen dabei zu, auf \
        Bildschirmen, die grau und weiß flimmerten. Der Rechner, der sie dorthin brachte, hatte einen Speicher von 4.096 \
        Wörtern und lief mit etwa einem Megahertz. Ein Handy von heute ist hunderttausendmal schneller, aber niemand ist damit \
        zum Mond geflogen. Seine Programme waren von Hand gewebt. Frau Dr. Hamilton und ihre Leute schrieben den Code, und \
        Arbeiterinnen in einer Fabrik fädelten Kupferdraht durch winzige Ringe, z. B. einen für jedes Bit. Hat das \
        funktioniert? Ja! Drei Minuten vor der Landung gab es einen Alarm, weil das Radar die Maschine mit Daten überflutete. \
        Sie warf weg, was am wenigsten zählte, und flog weiter. Die Landung gelang mit Treibstoff für 25 Sekunden, und bis \
        heute lernen Ingenieure daraus.
        """
}
