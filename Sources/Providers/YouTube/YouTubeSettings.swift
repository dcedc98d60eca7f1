package import Production

/// How YouTube is used, from the configuration.
package struct YouTubeSettings: Sendable {
    package var client: GoogleClient
    package var endpoints: GoogleEndpoints
    /// `videos.insert` a day and project: 100 unless Google has granted more.
    package var uploadsPerDay: Int
    /// Units a day and project, for everything but uploads and searches.
    package var unitsPerDay: Int

    package init(
        client: GoogleClient, endpoints: GoogleEndpoints = GoogleEndpoints(), uploadsPerDay: Int = 100,
        unitsPerDay: Int = 10_000
    ) {
        (self.client, self.endpoints) = (client, endpoints)
        (self.uploadsPerDay, self.unitsPerDay) = (uploadsPerDay, unitsPerDay)
    }

    /// The project's own day of uploads.
    package var uploads: Quota { Quota(bucket: "uploads", owner: client.project, limit: uploadsPerDay) }
    /// What all other calls draw on.
    package var units: Quota { Quota(bucket: "units", owner: client.project, limit: unitsPerDay) }

    package static let provider: ProviderName = "youtube"
}
