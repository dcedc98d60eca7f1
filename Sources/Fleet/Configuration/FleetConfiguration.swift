package import Ledger
package import Logging
package import Postgres
package import Production
package import Redis
package import StageQueue
package import Telemetry

/// Everything a person can set, read once at start and passed down in parts.
package struct FleetConfiguration: Sendable {
    package struct Worker: Sendable {
        /// How many deliveries of the stage a process works on at once.
        package var slots: [Stage: Int]
        /// How many of the stage the whole fleet works on at once; none: no limit beyond the slots. Over several partitions
        /// it is divided among them, and so is the host's: what one leaves unused, another can't have.
        package var atOnce: [Stage: Int]
        /// How many of the stage one host works on at once, over all its workers.
        package var atOnceOnHost: [Stage: Int]
        /// How long an attempt of the stage may take.
        package var timeLimit: [Stage: Duration]
        /// How long work in hand may go on after SIGTERM.
        package var drain: Duration
        package var lease: Duration
        package var beat: Duration
    }

    package struct Money: Sendable {
        package var videoCeiling: MicroDollars
        package var dayCeiling: MicroDollars
        /// What a video should cost: told beside what it did, and nothing more.
        package var videoTarget: MicroDollars
        package var rates: OwnRates
        /// By provider; for one that is not named here only the day's ceiling holds.
        package var providers: [ProviderName: ProviderLimits]

        package func limits(of provider: ProviderName) -> ProviderLimits {
            providers[provider] ?? ProviderLimits(dayCeiling: dayCeiling)
        }

        /// The providers that configuration knows: `providers.NAME.…`.
        package static let providerNames: [ProviderName] = [
            "openai", "elevenlabs", "pexels", "unsplash", "pixabay", "youtube",
        ]
    }

    package struct Render: Sendable {
        package enum Encoder: String, Sendable, CaseIterable { case automatic, software }

        /// libx264's names, fastest first: a slower one makes a smaller file. Its `ultrafast` is not among them: it leaves
        /// out the 8×8 transform, and the file is no H.264 High.
        package enum Preset: String, Sendable, CaseIterable {
            case superfast, veryfast, faster, fast, medium, slow
        }

        package var encoder: Encoder
        /// The picture's shorter side in pixels; 1080 gives 1920×1080 and 1080×1920.
        package var shortSide: Int
        package var preset: Preset
        /// How many pieces of a video a process draws and encodes at once; 0: as many as its processors and memory are enough for.
        package var lanes: Int
        /// How many sessions of the GPU's encoder all processes of a host may have at once.
        package var gpuSlots: Int
        /// The folder in which they agree on it: one of the host, the same for all of them.
        package var gpuSlotsPath: String
    }

    /// The stock libraries: one is asked where its key is known and it is switched on.
    package struct Stock: Sendable {
        package enum Preference: String, Sendable, CaseIterable { case mixed, films, photos }

        package struct Library: Sendable {
            package var key: Secret
            package var url: String
            /// The most calls in an hour; in a minute of Pixabay.
            package var calls: Int
        }

        package var pexels: Library?
        /// Where Pexels is asked for films.
        package var pexelsFilmsURL: String
        package var unsplash: Library?
        package var pixabay: Library?
        package var preference: Preference
        /// How long a channel does not show an item again.
        package var rest: Duration
        /// MiB of one file.
        package var sizeLimit: Int
    }

    /// Who is told of what happens.
    package struct Webhooks: Sendable {
        /// Web addresses, which may hold a password.
        package var urls: [Secret]
        /// Signs what is sent; nil: nothing is signed.
        package var secret: Secret?
        /// Is sent in a header; nil: it is not.
        package var token: Secret?
    }

    /// The zone of the money day, and of users without one of their own.
    package var zone: String
    package var namespace: String
    /// Over how many partitions of the queue new jobs are spread: one on a single Redis, two or three times its primaries on a
    /// Redis Cluster.
    package var partitions: Int
    package var database: PostgresConfiguration
    package var redis: RedisConfiguration
    package var artifacts: String
    package var scratch: String
    package var published: String
    /// Where the published folders can be reached, for the feeds' links; nil: relative.
    package var publishedURL: String?
    package var allowPrivateSources: Bool
    package var worker: Worker
    /// How much of one user's work stands before others'.
    package var lanes: LaneLimits
    package var money: Money
    /// A price list in the place of the one that is built in; nil: `/etc/ytempire/prices.yaml` if there is one.
    package var priceFile: String?
    /// The keys under which tokens are kept. Read by the upload worker and a person's commands, and by nobody else.
    package var keyFile: String
    package var webhooks: Webhooks
    package var retry: RetryRules
    package var render: Render
    package var stock: Stock
    package var retention: Duration
    package var catchUp: Duration
    package var logLevel: Logger.Level
    /// Where a worker tells Prometheus of itself; nil: nowhere.
    package var metrics: MetricAddress?
    package var web: Web
    package var openAI: OpenAI
    package var elevenLabs: ElevenLabs
    package var voice: Voice
    package var publishTo: PublishTo
    package var youTube: YouTube?
    package var bucket: Bucket?
    package var testing: Testing
    /// Keys that are missing, and that who has read this can do without: by their own words.
    package var lacking: [ConfigurationProblem]
    /// Keys of secrets that stand in a file which every account of the host may read.
    package var exposed: [String]
    /// Whether it is the one that systemd's units read, `/etc/ytempire/ytempire.yaml`.
    package var isInstalled: Bool
    /// Where it was read from, for `doctor`.
    package var files: [String]
}
