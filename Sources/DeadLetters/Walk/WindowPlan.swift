/// How many letters to ask the broker for at once.
///
/// A quorum queue hands out everything that a consumer has credit for, and the broker holds it in memory until the
/// client has read it. So the credit follows the size of the letters seen so far: small at first, then as many as fit
/// into a bounded number of bytes.
struct WindowPlan {
  /// Bytes that the broker may have to hold.
  static let byteLimit = 64 << 20
  /// The first credit, before any size is known.
  static let first = 64
  /// What a credit may grow by from one to the next.
  static let growth = 16
  /// AMQP counts credit with 16 bits.
  static let largest = 60_000

  private var letters = 0
  private var bytes = 0
  private var last = 0

  /// Counts a letter of this size.
  mutating func add(bytes: Int) {
    letters += 1
    self.bytes += max(bytes, 1)
  }

  /// The next credit: never more than is `remaining`, and at least 1.
  mutating func next(remaining: Int) -> Int {
    let fitting = letters == 0 ? Self.first : Self.byteLimit / max(bytes / letters, 1)
    let grown = last == 0 ? Self.first : last * Self.growth
    last = max(1, min(fitting, grown, Self.largest, remaining))
    return last
  }
}
