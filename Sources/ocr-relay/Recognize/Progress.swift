/// How far a run over many files is. On a screen one line is written over again and again; in a log, which may be kept,
/// a line is added for every tenth of the files.
struct Progress {
  let total: Int
  let isScreen: Bool
  private(set) var answered = 0
  private(set) var failed = 0

  init(total: Int, isScreen: Bool) {
    self.total = total
    self.isScreen = isScreen
  }

  /// Counts an answer and returns what to write to standard error, newlines included.
  mutating func count(isFailure: Bool) -> String {
    answered += 1
    if isFailure { failed += 1 }
    guard total > 1 else { return "" }
    if isScreen { return line }
    let isTenth = answered * 10 / total > (answered - 1) * 10 / total
    return isTenth ? line + "\n" : ""
  }

  /// What takes the line off the screen before something else is printed.
  var erasure: String { isScreen && total > 1 && answered > 0 ? Self.eraseLine : "" }

  private static let eraseLine = "\r\u{1B}[K"

  private var line: String {
    (isScreen ? Self.eraseLine : "") + "\(answered) of \(total) answered" + (failed > 0 ? ", \(failed) failed" : "")
  }
}
