/// Finds the way of a recording through a chain of states that sounds most like it, within a band.
struct Trellis {
    /// For each frame of the recording, how it sounds.
    let frames: FeatureMatrix
    /// For each frame, what it costs to take it for silence.
    let silence: [Float]
    let chain: StateChain

    /// - Parameters:
    ///   - silent: for each frame whether surely nobody speaks.
    ///   - adaptation: nil to compare the two voices as they are.
    init(frames: FeatureMatrix, silent: [Bool], chain: StateChain, adaptation: Adaptation?) {
        var chain = chain
        if let adaptation {
            self.frames = adaptation.whitened(frames)
            chain.sounds = adaptation.mapped(chain.sounds)
        } else {
            self.frames = frames
        }
        silence = SilenceModel(self.frames, silent: silent).costs(of: self.frames)
        self.chain = chain
    }

    /// The state of each frame, never falling, and what the whole way cost.
    struct Way {
        var states: [Int]
        var cost: Double
    }

    /// - Parameters:
    ///   - middles: for each frame the state around which the way is looked for; never falling, from the first state to
    ///     the last.
    ///   - width: the number of states looked at in each frame.
    /// - Returns: nil if there is no way: the recording has too few frames.
    func way(around middles: [Int], width: Int) throws(AlignmentError) -> Way? {
        let (frameCount, stateCount) = (frames.count, chain.count)
        let width = min(width, stateCount)
        let lower = middles.map { min(max(0, $0 - width / 2), stateCount - width) }
        var from = [UInt8](repeating: 0, count: frameCount * width)
        let quads = FeatureMatrix.width / 4
        let observed = frames.quads
        let sounds = chain.sounds.quads
        let isSilence = chain.words.map { $0 == nil }
        // Three more at the beginning, so that every state has three before it.
        let unreached = Float.infinity
        var before = [Float](repeating: unreached, count: stateCount + 3)
        var now = before
        var total = 0.0
        for frame in 0..<frameCount {
            if frame % 512 == 0, Task.isCancelled { throw .cancelled }
            let states = lower[frame]..<(lower[frame] + width)
            if frame > 1 { for state in lower[frame - 2]..<states.lowerBound { now[state + 3] = unreached } }
            let least = Self.step(
                frame: frame, states: states, quads: quads, observed: observed, sounds: sounds, isSilence: isSilence,
                silence: silence[frame], costs: chain.costs, before: before, now: &now, from: &from)
            guard least < unreached else { return nil }
            total += Double(least)
            // Sums stay small, so that single precision is enough however long the recording is.
            now.withUnsafeMutableBufferPointer { now in for state in states { now[state + 3] -= least } }
            swap(&before, &now)
        }
        // It ends in the last word's last sound or in the silence after it.
        let ends = [stateCount - 1, stateCount - 2].filter { $0 >= 0 }
        guard var state = ends.min(by: { before[$0 + 3] < before[$1 + 3] }), before[state + 3] < unreached else {
            return nil
        }
        total += Double(before[state + 3])
        var path = [Int](repeating: 0, count: frameCount)
        for frame in (0..<frameCount).reversed() {
            path[frame] = state
            state -= Int(from[frame * width + state - lower[frame]])
        }
        return Way(states: path, cost: total)
    }

    /// One frame of it: the inner loops, over memory.
    ///
    /// - Returns: what the cheapest state costs.
    private static func step(
        frame: Int, states: Range<Int>, quads: Int, observed: [SIMD4<Float>], sounds: [SIMD4<Float>],
        isSilence: [Bool], silence: Float, costs: [SIMD4<Float>], before: [Float], now: inout [Float],
        from: inout [UInt8]
    ) -> Float {
        let backward = frame * states.count - states.lowerBound
        return observed.withUnsafeBufferPointer { observed in
            sounds.withUnsafeBufferPointer { sounds in
                isSilence.withUnsafeBufferPointer { isSilence in
                    costs.withUnsafeBufferPointer { costs in
                        before.withUnsafeBufferPointer { before in
                            now.withUnsafeMutableBufferPointer { now in
                                from.withUnsafeMutableBufferPointer { from in
                                    var least = Float.infinity
                                    let row = frame * quads
                                    for state in states {
                                        var best = Float.infinity
                                        var step: UInt8 = 0
                                        if frame == 0 {
                                            // It begins in the first silence or in the first word.
                                            best = state <= 1 ? 0 : Float.infinity
                                        } else {
                                            let cost = costs[state]
                                            best = before[state + 3] + cost[0]
                                            let one = before[state + 2] + cost[1]
                                            if one < best { (best, step) = (one, 1) }
                                            let two = before[state + 1] + cost[2]
                                            if two < best { (best, step) = (two, 2) }
                                            let three = before[state] + cost[3]
                                            if three < best { (best, step) = (three, 3) }
                                        }
                                        if best < Float.infinity {
                                            if isSilence[state] {
                                                best += silence
                                            } else {
                                                var sum = SIMD4<Float>.zero
                                                let other = state * quads
                                                for quad in 0..<quads {
                                                    let difference = observed[row + quad] - sounds[other + quad]
                                                    sum += difference * difference
                                                }
                                                best += 0.5 * sum.sum()
                                            }
                                            if best < least { least = best }
                                        }
                                        now[state + 3] = best
                                        from[backward + state] = step
                                    }
                                    return least
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
