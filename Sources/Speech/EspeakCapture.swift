import CEspeak

/// Gathers what espeak-ng hands to its callback during one call.
final class EspeakCapture {
    /// The beginning of something that the library takes for a word.
    struct Event: Equatable {
        /// Zero-based, in Unicode scalars of the text.
        let position: Int
        /// In samples of the sound.
        let sample: Int
    }

    private(set) var samples: [Int16] = []
    private(set) var events: [Event] = []

    /// Answers false when the library shall stop, because the task was cancelled.
    func take(
        _ block: UnsafeMutablePointer<Int16>?, count: Int, events list: UnsafeMutablePointer<espeak_EVENT>?
    ) -> Bool {
        if let block, count > 0 { samples.append(contentsOf: UnsafeBufferPointer(start: block, count: count)) }
        var next = list
        while let event = next?.pointee, event.type != espeakEVENT_LIST_TERMINATED {
            if event.type == espeakEVENT_WORD {
                events.append(Event(position: Int(event.text_position) - 1, sample: Int(event.sample)))
            }
            next? += 1
        }
        return !Task.isCancelled
    }
}
