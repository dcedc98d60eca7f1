import CFFmpeg

/// What of a file failed to decode so far. A little is passed over: a film or a recording with one damaged packet still is one.
struct Damage {
    /// So many were given to the decoder.
    var packets = 0
    /// The last failure.
    private(set) var fault: MediaError?
    private var faults = 0

    /// Counts a failure; throws where it is one too many, or of a kind that doesn't pass.
    mutating func survive(_ error: MediaError, of operation: String, in file: InputFile) throws(MediaError) {
        guard error.code != .cancelled, !file.patience.isOver else { throw error }
        // Memory will not come back by reading on.
        guard error.status != YT_AVERROR_ENOMEM else { throw error }
        (faults, fault) = (faults + 1, error)
        let limits = file.limits
        guard faults > limits.spareFaults, Double(faults) > limits.damage * Double(packets) else { return }
        throw MediaError(
            .damaged, operation, file: file.path, status: error.status,
            reason: "\(faults) of \(packets) packets are damaged: \(error.reason)", log: error.log)
    }
}
