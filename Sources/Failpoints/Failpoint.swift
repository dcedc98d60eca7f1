/// A named place where a test may have something go wrong. `before` and `after` name the outside step between them.
package enum Failpoint: String, Sendable, CaseIterable {
    /// Each time a worker's loop comes round. It can't wait there without blocking the loop, which is the point.
    case loop
    case beginBefore = "begin.before"
    case beginAfter = "begin.after"
    /// Around a stage's work, and in the middle of a rehearsed one.
    case workBefore = "work.before"
    case workWithin = "work.within"
    case workAfter = "work.after"
    case reserveBefore = "reserve.before"
    case reserveAfter = "reserve.after"
    case providerCallBefore = "provider.call.before"
    case providerCallAfter = "provider.call.after"
    case responseKeepBefore = "response.keep.before"
    case responseKeepAfter = "response.keep.after"
    case settleBefore = "settle.before"
    case settleAfter = "settle.after"
    case artifactWriteBefore = "artifact.write.before"
    case artifactWriteAfter = "artifact.write.after"
    case commitBefore = "commit.before"
    case commitAfter = "commit.after"
    /// Around the script that tells Redis how a delivery ended. `after` can't wait, as ``loop`` can't.
    case scriptBefore = "script.before"
    case scriptAfter = "script.after"
    case publicationOpenBefore = "publication.open.before"
    case publicationOpenAfter = "publication.open.after"
    case publicationSendingBefore = "publication.sending.before"
    case publicationSendingAfter = "publication.sending.after"
    case publicationSendBefore = "publication.send.before"
    case publicationSendAfter = "publication.send.after"
    case publicationMarkBefore = "publication.mark.before"
    case publicationMarkAfter = "publication.mark.after"
    /// In the coordinator: a page of users' jobs is in Postgres, and Redis has not heard of them.
    case dayOpened = "day.opened"
    /// In the coordinator: Redis has heard of them.
    case dayDispatched = "day.dispatched"
}
