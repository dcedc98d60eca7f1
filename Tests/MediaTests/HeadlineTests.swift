import Media
import Testing

@Suite struct `A headline` {
    @Test(arguments: [
        ("The Forgotten Engineer Who Taught Rome to Breathe", "Forgotten Engineer"),
        ("Why the Roman Empire Really Fell", "Roman Empire Really Fell"),
        ("10 Things You Didn't Know About Black Holes", "10 Things You Didn't Know"),
        ("Apollo 11: The Night the World Held Its Breath", "Apollo 11"),
        ("The Man Who Sold the World | Documentary", "Sold the World"),
        ("I Spent 100 Days in the Arctic (And Almost Died)", "Spent 100 Days"),
        ("Warum die Römer keine Dampfmaschine bauten", "Römer keine Dampfmaschine bauten"),
        ("Pourquoi la tour Eiffel ne devait pas survivre à 1909", "tour Eiffel"),
        ("La ciudad que desapareció bajo el mar en una sola noche", "ciudad que desapareció"),
        ("Почему учёные до сих пор не понимают, как работает сон", "как работает сон"),
        ("لماذا نسي العالم أعظم مهندسي روما في القرن الأول", "نسي العالم أعظم مهندسي روما"),
        ("日本の鉄道はなぜ世界一正確なのか：その秘密", "日本の鉄道はなぜ世界一正確なのか"),
        ("为什么罗马帝国会灭亡", "为什么罗马帝国会灭亡"),
    ])
    func `is what a title says most by`(title: String, words: String) {
        #expect(Headline.words(of: title) == words)
    }

    @Test func `of a short title is the title`() {
        #expect(Headline.words(of: " What  is a Neuron? ") == "What is a Neuron?")
        #expect(Headline.words(of: "Rome.") == "Rome")
        #expect(Headline.words(of: "") == "")
    }

    @Test(arguments: [
        "Quantum Computers Break Modern Internet Encryption Everywhere At Once",
        "a the of and to in on at by for from with",
        "{\\an5} 100% \\N of what is in the box is a box in the box of the box",
        "??? !!! ... --- ||| ((( ))) [[[ ]]] ::: ;;;",
        String(repeating: "word ", count: 80), String(repeating: "字", count: 200), String(repeating: "x", count: 300),
    ])
    func `of any title is a part of it, and short`(title: String) {
        let words = Headline.words(of: title)
        #expect(words.split(separator: " ").count <= 5)
        #expect(title.contains(words))
    }
}
