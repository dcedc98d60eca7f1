import FoundationEssentials
import Production

typealias VideoPrivacy = Channel.Publishing.Privacy

/// Compares what YouTube says of a video with what the channel wants.
struct StatusCheck: Sendable {
    private let publishing: Channel.Publishing
    private let publishAt: Date?
    private let now: Date
    private let firstTried: Date

    init(_ publication: Publication, now: Date) {
        publishing = publication.channel.publishing
        publishAt = ListingResource.publishAt(publication)
        (self.now, firstTried) = (now, publication.publishedAt)
    }

    /// One sentence a difference; none where all is as it was asked for.
    func differences(from status: VideoResource.Status) -> [String] {
        var found: [String] = []
        let privacy = status.privacyStatus ?? "unknown"
        if privacy != publishing.privacy.rawValue, !isPublishedInTime(status) {
            found.append("its privacy should be \(publishing.privacy), and is \(privacy)")
        }
        if let publishAt, privacy == VideoPrivacy.private.rawValue {
            let there = status.publishAt.flatMap { try? Date($0, strategy: .iso8601) }
            // An upload that went on into the next day asks for a later moment than the one before; any that lies ahead is
            // the channel's own.
            let isRight = there.map { abs($0.timeIntervalSince(publishAt).remainder(dividingBy: 86_400)) <= 3_660 }
            if isRight != true {
                found.append(
                    "it should become public at \(publishAt.formatted(.iso8601)), and does \(status.publishAt ?? "never")"
                )
            }
        }
        if (status.selfDeclaredMadeForKids ?? status.madeForKids ?? false) != publishing.madeForKids {
            found.append("made for kids should be \(publishing.madeForKids), and is \(!publishing.madeForKids)")
        }
        if (status.containsSyntheticMedia ?? false) != publishing.syntheticMedia {
            found.append("synthetic media should be \(publishing.syntheticMedia), and is \(!publishing.syntheticMedia)")
        }
        return found
    }

    /// Whether more people can see it than should.
    func isTooPublic(_ status: VideoResource.Status) -> Bool {
        let order = [VideoPrivacy.private, .unlisted, .public].map(\.rawValue)
        guard !isPublishedInTime(status), let found = order.firstIndex(of: status.privacyStatus ?? ""),
            let should = order.firstIndex(of: publishing.privacy.rawValue)
        else { return false }
        return found > should
    }

    /// Public because its moment has come since it was uploaded.
    private func isPublishedInTime(_ status: VideoResource.Status) -> Bool {
        guard let publishAt, status.privacyStatus == VideoPrivacy.public.rawValue else { return false }
        // The moment lies ahead of this attempt; the day's before it may have been the one that an earlier attempt asked for.
        let last = publishAt <= now ? publishAt : publishAt.addingTimeInterval(-86_400)
        return last >= firstTried.addingTimeInterval(-3_660)
    }

    /// How YouTube ended the video; nil while it lives.
    static func end(_ status: VideoResource.Status) -> String? {
        switch status.uploadStatus {
        case "failed": "YouTube could not use it: \(status.failureReason ?? "no reason given")"
        case "rejected": "YouTube rejected it: \(status.rejectionReason ?? "no reason given")"
        case "deleted": "it was deleted"
        default: nil
        }
    }
}
