package import FoundationEssentials

/// One line of the ledger: what was used, at which price, and what it cost. Never changed, never deleted.
package struct CostEntry: Sendable, Equatable, Codable {
    /// Made before it is sent, so that a lost COMMIT can be repeated.
    package let id: UUID
    package let provider: ProviderName
    /// What was used: `cpu`, `storage`, `wall`, later `input_tokens` …
    package let item: String
    package let quantity: Int64
    /// The unit of `quantity`: `ms`, `bytes`, `tokens` …
    package let unit: String
    package let price: Price
    package let amount: MicroDollars

    /// Nil if the amount does not fit.
    package init?(
        id: UUID, provider: ProviderName, item: String, quantity: Int64, unit: String, price: Price
    ) {
        guard let amount = price.amount(for: quantity) else { return nil }
        (self.id, self.provider, self.item) = (id, provider, item)
        (self.quantity, self.unit, self.price, self.amount) = (quantity, unit, price, amount)
    }
}

/// What our own machines cost. Configuration, dated; recorded with every row, so that a change of rates rewrites nothing.
package struct OwnRates: Sendable, Equatable {
    /// A core for an hour.
    package var cpuHour: MicroDollars
    /// A worker's slot for an hour, busy or not: the share of the machine that is not its cores.
    package var wallHour: MicroDollars
    /// A GiB of artifacts, kept for as long as retention keeps them.
    package var storedGiB: MicroDollars
    /// A GPU's encoder for an hour of encoding.
    package var gpuHour: MicroDollars

    package init(
        cpuHour: MicroDollars, wallHour: MicroDollars, storedGiB: MicroDollars, gpuHour: MicroDollars = .zero
    ) {
        (self.cpuHour, self.wallHour, self.storedGiB) = (cpuHour, wallHour, storedGiB)
        self.gpuHour = gpuHour
    }

    /// The rows of one attempt: CPU time, wall time, GPU time, bytes kept. What was not used at all has no row.
    package func entries(for usage: OwnUsage, ids: () -> UUID) -> [CostEntry] {
        let hour: Int64 = 3_600_000
        let lines: [(String, Int64, String, MicroDollars, Int64)] = [
            ("cpu", usage.cpu.milliseconds, "ms", cpuHour, hour),
            ("wall", usage.wall.milliseconds, "ms", wallHour, hour),
            ("gpu", usage.gpu.milliseconds, "ms", gpuHour, hour),
            ("storage", usage.bytesKept, "bytes", storedGiB, 1 << 30),
        ]
        return lines.compactMap { item, quantity, unit, rate, units in
            quantity == 0
                ? nil
                : Price(micros: rate.rawValue, perUnits: units).flatMap {
                    CostEntry(id: ids(), provider: .own, item: item, quantity: quantity, unit: unit, price: $0)
                }
        }
    }
}

/// What one attempt used of our own machines.
package struct OwnUsage: Sendable, Equatable {
    package var cpu: Duration
    package var wall: Duration
    package var bytesKept: Int64
    package var gpu: Duration

    package init(cpu: Duration, wall: Duration, bytesKept: Int64, gpu: Duration = .zero) {
        (self.cpu, self.wall, self.bytesKept, self.gpu) = (cpu, wall, bytesKept, gpu)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up: a measured use is never told as less.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + (attoseconds > 0 ? 999_999_999_999_999 : 0)) / 1_000_000_000_000_000
    }

    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
