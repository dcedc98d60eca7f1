import Testing

/// The real executables, from a source to a published video. One suite after the other, because each keeps the whole
/// machine busy.
@Suite(.serialized, .timeLimit(.minutes(10))) enum EndToEnd {}
