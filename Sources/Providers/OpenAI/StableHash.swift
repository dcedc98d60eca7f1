/// FNV-1a, 64 bits: the same in every process, so that a retry decides as the first try did.
enum StableHash {
    static func of(_ text: String) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // Its low bits alone are poor: mixed as MurmurHash3 ends (Appleby).
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return Int64(bitPattern: hash ^ (hash >> 33))
    }
}
