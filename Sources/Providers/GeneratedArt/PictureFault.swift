/// Why a picture could not be made.
struct PictureFault: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
