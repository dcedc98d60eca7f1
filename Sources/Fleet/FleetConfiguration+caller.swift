package import HTTP

extension FleetConfiguration {
    /// The way out to providers, by the proxy and with the authorities of the configuration. One for each process: it keeps
    /// connections.
    ///
    /// - Throws: `HTTPFault` if the proxy or the authorities can't be used.
    package func caller() throws(HTTPFault) -> HTTPCaller {
        try HTTPCaller(
            HTTPCaller.Settings(proxy: web.proxy, authorities: web.authorities, agent: "ytempire/\(Version.current)"))
    }
}
