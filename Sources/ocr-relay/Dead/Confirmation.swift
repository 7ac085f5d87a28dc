/// Asks before something that cannot be undone.
enum Confirmation {
  /// Whether a command may go on without being able to ask.
  static func check(_ yes: Bool) throws(CommandFailure) {
    guard !yes, !Terminal.canAsk else { return }
    throw CommandFailure(.usage, "nobody can be asked here; say --yes if you mean it")
  }

  /// Asks, and takes only a clear yes for one.
  static func ask(_ question: String) -> Bool {
    Terminal.writeError("\(question) [y/N] ")
    let answer = readLine()?.lowercased()
    return answer == "y" || answer == "yes"
  }
}
