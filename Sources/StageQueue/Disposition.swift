/// How a worker's handling of a delivery ended, and so what becomes of it in Redis.
///
/// Whatever the case, the truth must have been committed elsewhere before: Redis only hears of it.
public enum Disposition: Sendable, Hashable {
    /// The stage is done. Acknowledges, and dispatches what follows, usually the next stage.
    case completed(next: Dispatch?)
    /// To be tried again, not before this.
    case retry(due: Due)
    /// Given back untouched, ready at once; it costs nothing.
    case released
    /// Done with for good: into the index of dead letters. The reason goes into the worker's events only.
    case buried(reason: String)
    /// There was nothing to do: removed. What the job really needs is dispatched.
    case ghost(dispatching: [Dispatch])
}
