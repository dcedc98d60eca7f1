/// The lower triangle whose product with its own transpose is a given symmetric, positive definite matrix.
struct Cholesky {
    let side: Int
    /// Row by row, zero above the diagonal.
    let lower: [Double]

    /// Nil if the matrix is not positive definite.
    init?(_ matrix: [Double], side: Int) {
        var lower = [Double](repeating: 0, count: side * side)
        for row in 0..<side {
            for column in 0...row {
                var sum = matrix[row * side + column]
                for index in 0..<column { sum -= lower[row * side + index] * lower[column * side + index] }
                if row == column {
                    guard sum > 0 else { return nil }
                    lower[row * side + row] = sum.squareRoot()
                } else {
                    lower[row * side + column] = sum / lower[column * side + column]
                }
            }
        }
        (self.side, self.lower) = (side, lower)
    }

    /// The vector that the matrix turns into `vector`.
    func solve(_ vector: [Double]) -> [Double] {
        var solution = vector
        for row in 0..<side {
            for column in 0..<row { solution[row] -= lower[row * side + column] * solution[column] }
            solution[row] /= lower[row * side + row]
        }
        for row in (0..<side).reversed() {
            for column in (row + 1)..<side { solution[row] -= lower[column * side + row] * solution[column] }
            solution[row] /= lower[row * side + row]
        }
        return solution
    }
}
