import Crypto

/// The name by which an item is remembered as used.
enum ItemKey {
    /// Longer ids are replaced by their hash.
    private static let longest = 500

    static func of(id: String?, link: String?, title: String, text: String) -> String {
        for given in [id, link] {
            if let given = given?.trimmingWhitespace(), !given.isEmpty {
                return given.utf8.count <= longest ? given : hash(given)
            }
        }
        return hash(title + "\n" + text)
    }

    private static func hash(_ text: String) -> String {
        let digits = Array("0123456789abcdef")
        return "sha256:"
            + String(SHA256.hash(data: Array(text.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
