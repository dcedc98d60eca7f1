package import FoundationEssentials
package import HTTP
package import Production
import ProviderCalling

/// The libraries that are switched on, in the order in which they are asked.
package struct StockLibraries: Sendable {
    package var pexels: Pexels.Settings?
    package var unsplash: Unsplash.Settings?
    package var pixabay: Pixabay.Settings?

    package init(
        pexels: Pexels.Settings? = nil, unsplash: Unsplash.Settings? = nil, pixabay: Pixabay.Settings? = nil
    ) {
        (self.pexels, self.unsplash, self.pixabay) = (pexels, unsplash, pixabay)
    }

    package func all(
        by caller: HTTPCaller, memory: any StockMemory, now: @escaping @Sendable () -> Date = { Date() }
    ) -> [any StockLibrary] {
        var libraries: [any StockLibrary] = []
        if let pexels {
            let line = ProviderLine(to: Pexels.library, by: caller, secrets: [pexels.key], now: now)
            libraries.append(Pexels(pexels, line: line, memory: memory, now: now))
        }
        if let pixabay {
            let line = ProviderLine(to: Pixabay.library, by: caller, secrets: [pixabay.key], now: now)
            libraries.append(Pixabay(pixabay, line: line, memory: memory, now: now))
        }
        if let unsplash {
            let line = ProviderLine(to: Unsplash.library, by: caller, secrets: [unsplash.key], now: now)
            libraries.append(Unsplash(unsplash, line: line, memory: memory, now: now))
        }
        return libraries
    }
}
