/// Every benchmark there is, in the order they run. A new one is a file of its own and a line here.
enum Registry {
    static let all: [any Benchmark] = [
        QueueDispatch(),
        QueueDispatchSingle(),
        QueueDrain(),
        QueueDrainSingle(),
        QueuePickup(),
        QueueBytes(),
        QueueResident(),
        FleetTransitions(),
        FleetLedger(),
        FleetOpenDay(),
        FleetCrowd(),
        MoneyMonth(),
        RenderVersusFFmpeg(),
        RenderMemory(),
        RenderResume(),
        RenderVersusMoviepy(),
    ]
}
