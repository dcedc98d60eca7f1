import Foundation

/// Words for whoever watches a measurement; stdout is for figures.
enum Progress {
    static func say(_ words: String) { FileHandle.standardError.write(Data("\(words)\n".utf8)) }
}
