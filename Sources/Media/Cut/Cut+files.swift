extension Cut {
    /// All that it is made from, in the order in which it names them; one that is used twice stands there twice.
    var files: [String] {
        var files: [String] = []
        for shot in shots {
            switch shot.source {
            case .still(let file, _): files.append(file)
            case .clip(let clip): files.append(clip.file)
            case .plain: break
            }
        }
        if let logo { files.append(logo.file) }
        if let narration = sound.narration { files.append(narration.file) }
        if case .file(let file) = sound.music?.source { files.append(file) }
        return files + sound.others.map(\.file)
    }
}
