/// Which hosts may be asked.
struct AddressPolicy: Sendable {
    let allowsPrivate: Bool
    /// Lower case.
    let privateHosts: Set<String>

    /// An address for which the host is refused; nil if it is not. One private address among public ones is enough: it
    /// has no place there.
    func refused(among addresses: [HostAddress], of host: String) -> HostAddress? {
        allowsPrivate || privateHosts.contains(host.lowercased()) ? nil : addresses.first { !$0.isPublic }
    }
}
