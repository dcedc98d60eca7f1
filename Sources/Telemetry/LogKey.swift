/// The metadata keys of log lines, all of them: a line is an event plus these, with the job's id wherever there is one.
package enum LogKey {
    package static let job = "job"
    package static let stage = "stage"
    package static let attempt = "attempt"
    package static let worker = "worker"
    package static let trace = "trace"
    package static let error = "error"
    package static let next = "next"
    package static let seconds = "seconds"
    package static let count = "count"
    package static let epoch = "epoch"
    package static let reason = "reason"
    package static let partition = "partition"
}
