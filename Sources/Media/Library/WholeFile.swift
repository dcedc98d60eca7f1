import Foundation

/// Lets `write` make the file `path.part` and renames it to `path`; where that fails nothing is left.
func wholeFile<Result>(
    _ path: String, _ write: (_ part: String) throws(MediaError) -> Result
) throws(MediaError) -> Result {
    let part = path + ".part"
    do throws(MediaError) {
        let result = try write(part)
        guard rename(part, path) == 0 else {
            throw MediaError(.unwritable, "rename to", file: path, reason: String(cString: strerror(errno)))
        }
        return result
    } catch {
        unlink(part)
        throw error
    }
}
