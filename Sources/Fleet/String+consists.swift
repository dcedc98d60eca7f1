extension String {
    /// Whether it holds nothing but these ASCII characters, and is not empty. A regular expression would say it more
    /// shortly, but its first use costs each worker half a megabyte of memory.
    func consists(of allowed: String) -> Bool { !isEmpty && utf8.allSatisfy(allowed.utf8.contains) }
}
