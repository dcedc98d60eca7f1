import Dispatch

/// Does work that blocks, FFmpeg's, on a thread of its own instead of one of the few that all tasks share. The task that
/// waits may be cancelled: the flag goes up, the work notices, cleans up and throws, and only then does this return.
func blockingWork<Success: Sendable>(
    _ label: String, _ work: @escaping @Sendable (CancellationFlag) throws(MediaError) -> Success
) async throws(MediaError) -> Success {
    let flag = CancellationFlag()
    let result: Result<Success, MediaError> = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: label, qos: .userInitiated).async {
                continuation.resume(
                    returning: Result { () throws(MediaError) -> Success in
                        try LogTranscript().listen { () throws(MediaError) -> Success in try work(flag) }
                    })
            }
        }
    } onCancel: {
        flag.raise()
    }
    return try result.get()
}
