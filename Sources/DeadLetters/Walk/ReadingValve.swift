/// Whether letters are read from the socket: pure bookkeeping.
///
/// It closes when enough letters wait, and opens when half of them are gone. While an answer is awaited over the same
/// connection it stays open: the answer lies behind letters that would never be read.
struct ReadingValve {
  /// What to do at the socket.
  enum Change: Equatable {
    case none, pause, resume
  }

  /// Whether nothing is read.
  private(set) var isClosed = false
  private var awaitedAnswers = 0
  private var isOver = false

  /// The number of letters that wait has changed.
  mutating func update(isFull: Bool, isHalfEmpty: Bool) -> Change {
    if !isClosed, isFull, awaitedAnswers == 0, !isOver {
      isClosed = true
      return .pause
    }
    return isHalfEmpty ? open() : .none
  }

  /// A request was sent whose answer is awaited.
  mutating func asked() -> Change {
    awaitedAnswers += 1
    return open()
  }

  /// The answer is there.
  mutating func answered() {
    awaitedAnswers -= 1
  }

  /// Letters are not kept any more, so everything is read from now on.
  mutating func ended() -> Change {
    isOver = true
    return open()
  }

  private mutating func open() -> Change {
    guard isClosed else { return .none }
    isClosed = false
    return .resume
  }
}
