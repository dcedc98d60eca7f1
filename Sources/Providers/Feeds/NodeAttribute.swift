import CXML2

extension UnsafeMutablePointer<xmlNode> {
    /// An attribute's value by local name, whatever its prefix; nil when missing or blank.
    func attribute(_ name: String) -> String? {
        var next = pointee.properties
        while let attribute = next {
            if String(cString: attribute.pointee.name) == name {
                var (text, part) = ("", attribute.pointee.children)
                while let piece = part {
                    if let content = piece.pointee.content { text += String(cString: content) }
                    part = piece.pointee.next
                }
                return text.nonBlank
            }
            next = attribute.pointee.next
        }
        return nil
    }

    /// Also without a value.
    func hasAttribute(_ name: String) -> Bool { xmlHasProp(self, name) != nil }
}
