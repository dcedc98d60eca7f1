package import Production

/// The one API project of this deployment, as Google Cloud's console names it. There is never a second one to turn to when a
/// quota is used up (Developer Policies, III.D.1.c).
package struct GoogleClient: Sendable, Equatable {
    /// `123456789012-abc….apps.googleusercontent.com`
    package let id: String
    package let secret: Secret

    package init(id: String, secret: Secret) { (self.id, self.secret) = (id, secret) }

    /// The project's number, to which its quotas belong: a client's id begins with it. The whole id where it does not.
    package var project: String {
        let number = id.prefix { $0 != "-" }
        return number.count < id.count && number.allSatisfy(\.isNumber) ? String(number) : id
    }
}
