/// ``Stage`` for callers who have a `Stage` of their own: `StageQueue.Stage` would be looked for in the type
/// ``StageQueue``, which has the module's name.
public typealias QueueStage = Stage
/// ``Priority`` likewise.
public typealias QueuePriority = Priority
