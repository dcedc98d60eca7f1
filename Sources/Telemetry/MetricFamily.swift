/// A metric, with what a person who meets it must know. Units are Prometheus' base units: seconds, bytes, US dollars.
package struct MetricFamily: Sendable, Hashable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package let name: String
    package let kind: Kind
    package let help: String
    /// The names of its labels, in the order in which values are given. Each has few values: none holds an id of a job, a
    /// user or anything else that grows.
    package let labels: [String]
    /// A histogram's upper bounds, ascending, without the infinite one.
    package let buckets: [Double]

    init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = [], buckets: [Double] = []) {
        (self.name, self.kind, self.help, self.labels, self.buckets) = (name, kind, help, labels, buckets)
    }
}

/// Every metric there is. What a worker tells of itself is counted since its start and goes with it
/// (`process_start_time_seconds`); what `ytempire metrics` tells of the fleet is how things stand now.
extension MetricFamily {
    // MARK: A worker's own

    package static let build = MetricFamily(
        "ytempire_build_info", .gauge, "Always 1; the version is a label.", labels: ["worker", "version"])
    package static let slots = MetricFamily(
        "ytempire_worker_slots", .gauge, "How many deliveries the worker takes at once.", labels: ["worker", "stage"])
    package static let slotsInUse = MetricFamily(
        "ytempire_worker_slots_in_use", .gauge, "How many attempts the worker has in hand.",
        labels: ["worker", "stage"])
    package static let attempts = MetricFamily(
        "ytempire_attempts_total", .counter,
        "Attempts that ended, by outcome: succeeded, retried, limited, failed, cancelled, released.",
        labels: ["worker", "stage", "outcome"])
    package static let attemptDuration = MetricFamily(
        "ytempire_attempt_duration_seconds", .histogram, "How long attempts took, from their begin to their commit.",
        labels: ["worker", "stage"],
        buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600])
    package static let refusedCommits = MetricFamily(
        "ytempire_refused_commits_total", .counter,
        "Results that Postgres refused because the job was cancelled or another worker's meanwhile.",
        labels: ["worker", "stage"])
    package static let takenOver = MetricFamily(
        "ytempire_attempts_taken_over_total", .counter,
        "Attempts that a predecessor of the worker's name had left open, found lost when the worker started.",
        labels: ["worker", "stage"])
    package static let reclaimed = MetricFamily(
        "ytempire_deliveries_reclaimed_total", .counter,
        "Deliveries taken up from workers that no longer renewed them.",
        labels: ["worker", "stage"])
    package static let disowned = MetricFamily(
        "ytempire_deliveries_disowned_total", .counter,
        "Deliveries that turned out to be another worker's while this one worked on them.", labels: ["worker", "stage"])
    package static let redisOutages = MetricFamily(
        "ytempire_redis_outages_total", .counter, "How often the worker lost Redis and had to reconnect.",
        labels: ["worker"])
    package static let redisUp = MetricFamily(
        "ytempire_redis_up", .gauge, "1 while Redis answers, else 0.", labels: ["worker"])
    package static let postgresOutages = MetricFamily(
        "ytempire_postgres_outages_total", .counter, "How often the worker lost Postgres and had to reconnect.",
        labels: ["worker"])
    package static let postgresUp = MetricFamily(
        "ytempire_postgres_up", .gauge, "1 while Postgres answers, else 0.", labels: ["worker"])
    package static let processCPU = MetricFamily(
        "process_cpu_seconds_total", .counter, "Processor time the process has used, of user and system.",
        labels: ["worker"])
    package static let processMemory = MetricFamily(
        "process_resident_memory_bytes", .gauge, "Memory the process has in RAM.", labels: ["worker"])
    package static let processStart = MetricFamily(
        "process_start_time_seconds", .gauge, "When the process started, in seconds since 1970: counters begin there.",
        labels: ["worker"])

    // MARK: The fleet's

    package static let depth = MetricFamily(
        "ytempire_queue_depth", .gauge, "Deliveries that wait in Redis to be fetched.", labels: ["stage", "priority"])
    package static let inHand = MetricFamily(
        "ytempire_queue_in_hand", .gauge, "Deliveries that workers have in hand.", labels: ["stage", "priority"])
    package static let oldest = MetricFamily(
        "ytempire_queue_oldest_age_seconds", .gauge,
        "How long the first waiting delivery has waited; 0 if none waits.", labels: ["stage", "priority"])
    package static let delayed = MetricFamily(
        "ytempire_queue_delayed", .gauge, "Deliveries that wait for a due time.", labels: ["stage"])
    package static let paused = MetricFamily(
        "ytempire_stage_paused", .gauge, "1 while a person has stopped the stage or the fleet, else 0.",
        labels: ["stage"])
    package static let jobs = MetricFamily(
        "ytempire_jobs", .gauge, "Unfinished jobs, and dead letters, by stage and state.", labels: ["stage", "state"])
    package static let lostAttempts = MetricFamily(
        "ytempire_jobs_lost_attempts", .gauge, "Attempts lost with their worker, of jobs that are unfinished or dead.",
        labels: ["stage"])
    package static let workers = MetricFamily(
        "ytempire_workers", .gauge, "Workers of the last day: alive, stopped in good order, or dead.",
        labels: ["stage", "state"])
    package static let moneyCeiling = MetricFamily(
        "ytempire_money_ceiling_dollars", .gauge, "The money day's ceiling: of all (scope day), or of a provider.",
        labels: ["scope", "provider"])
    package static let moneyHeld = MetricFamily(
        "ytempire_money_held_dollars", .gauge, "Reserved on the money day for calls that are under way.",
        labels: ["scope", "provider"])
    package static let moneySpent = MetricFamily(
        "ytempire_money_spent_dollars", .gauge, "Spent on the money day, our own compute included.",
        labels: ["scope", "provider"])
    package static let moneyOverrun = MetricFamily(
        "ytempire_money_overrun_dollars", .gauge, "How far the money day lies above its ceiling.",
        labels: ["scope", "provider"])

    package static let moneyWarned = MetricFamily(
        "ytempire_money_warned", .gauge, "1 once four fifths of the money day's ceiling were reached, else 0.",
        labels: ["scope", "provider"])
    package static let webhooks = MetricFamily(
        "ytempire_webhooks", .gauge, "Deliveries that wait, and those given up within a day.", labels: ["state"])

    /// In the order in which they are told.
    package static let all: [MetricFamily] = [
        build, slots, slotsInUse, attempts, attemptDuration, refusedCommits, takenOver, reclaimed, disowned, redisUp,
        redisOutages, postgresUp, postgresOutages, depth, inHand, oldest, delayed, paused, jobs, lostAttempts, workers,
        moneyCeiling, moneyHeld, moneySpent, moneyOverrun, moneyWarned, webhooks, processCPU, processMemory,
        processStart,
    ]
}
