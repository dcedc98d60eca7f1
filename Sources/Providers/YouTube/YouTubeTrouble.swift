import FoundationEssentials
import HTTP

/// An error of YouTube's, sorted by what it asks of us. Decided by `errors[0].reason`; statuses alone say little.
struct YouTubeTrouble: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// 401
        case unauthorised
        /// The project's bucket of the day is used up.
        case projectDay
        /// The channel may not upload more for 24 hours, whatever the project's quota.
        case channelDay
        /// Too fast; soon again.
        case rate
        /// Theirs, and passing.
        case server
        /// The account or its channel is suspended, closed, or never was.
        case account
        /// The account has not allowed so much.
        case scope
        case notFound
        /// It exists already.
        case conflict
        case permanent
    }

    let kind: Kind
    let status: Int
    /// Empty where none was given.
    let reason: String
    /// Theirs, not yet redacted.
    let words: String

    init(_ reply: HTTPReply) {
        status = reply.status
        let error = (try? JSONDecoder().decode(Body.self, from: Data(reply.body)))?.error
        let reason = error?.errors?.first?.reason ?? ""
        self.reason = reason
        let message = error?.errors?.first?.message ?? error?.message
        words = "\(reply.status) \(reason)\(reason.isEmpty ? "" : ": ")\(message ?? reply.excerpt())"
        let lacksScope = error?.details?.contains { $0.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" } ?? false
        kind = Self.kind(status, reason, message ?? "", lacksScope: lacksScope)
    }

    private static func kind(_ status: Int, _ reason: String, _ message: String, lacksScope: Bool) -> Kind {
        switch reason {
        case "quotaExceeded", "dailyLimitExceeded": return .projectDay
        // googleapis/google-api-python-client#2753: "… limit 'Video Uploads per day' …", under the reason of a short limit.
        case "rateLimitExceeded" where status == 429 && message.contains("per day"): return .projectDay
        case "uploadLimitExceeded": return .channelDay
        case "rateLimitExceeded", "userRateLimitExceeded", "uploadRateLimitExceeded": return .rate
        case "youtubeSignupRequired", "authenticatedUserAccountSuspended", "authenticatedUserAccountClosed",
            "channelClosed", "channelSuspended":
            return .account
        case "insufficientPermissions", "insufficientScopes": return .scope
        default: break
        }
        if lacksScope { return .scope }
        switch status {
        case 401: return .unauthorised
        case 404: return .notFound
        case 408, 500...: return .server
        case 409: return .conflict
        case 429: return .rate
        default: return .permanent
        }
    }

    /// What a person can do about it; empty where the words say it all.
    var advice: String {
        switch (kind, reason) {
        case (.unauthorised, _):
            "; the access token was refused though it was just refreshed: connect the account again with "
                + "`ytempire account connect`"
        case (.scope, _):
            "; the account has not allowed this: connect it again with `ytempire account connect`, with --playlists or "
                + "--captions where the channel uses them"
        case (.account, "youtubeSignupRequired"):
            "; the Google account has no YouTube channel: make one, then connect it again with `ytempire account connect`"
        case (.account, _):
            "; the account is parked: see YouTube Studio. No other account is tried in place of a suspended one"
        case (_, "accessNotConfigured"):
            "; switch on the YouTube Data API v3 for the project in Google Cloud's console"
        case (_, "invalidCategoryId"): "; set the channel's category to one of YouTube's, such as 27"
        case (_, "playlistNotFound"), (_, "playlistItemsNotAccessible"):
            "; set the channel's playlist to one of the account's own"
        case (_, "playlistContainsMaximumNumberOfVideos"): "; the playlist is full: give the channel another one"
        default: ""
        }
    }

    private struct Body: Decodable {
        struct Problem: Decodable {
            var message: String?
            var errors: [Item]?
            var details: [Detail]?
        }

        struct Item: Decodable {
            var reason: String?
            var message: String?
        }

        struct Detail: Decodable { var reason: String? }

        var error: Problem
    }
}
