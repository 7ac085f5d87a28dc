internal import AMQP
internal import EventLoop

/// Letters that were read from the socket and wait to be looked at, in their order: few of them, because the broker sends
/// much faster than anybody looks.
///
/// What does not fit waits in the socket, and what does not fit there, with the broker. Small letters are bounded by
/// their number: properties and bookkeeping take far more memory than their bodies.
struct LetterBuffer {
  /// Letters that may wait before no more are read.
  static let letterLimit = 256
  /// Bytes of bodies that may wait before no more are read.
  static let byteLimit = 8 << 20

  private var letters: [Delivery] = []
  private var start = 0
  private var bytes = 0

  /// How many letters wait.
  var count: Int { letters.count - start }

  /// Whether nothing waits.
  var isEmpty: Bool { count == 0 }

  /// Whether enough waits for now.
  var isFull: Bool { count >= Self.letterLimit || bytes >= Self.byteLimit }

  /// Whether so little waits that it is time to read again.
  var isHalfEmpty: Bool { count <= Self.letterLimit / 2 && bytes <= Self.byteLimit / 2 }

  /// Puts a letter behind the others. A full buffer takes it all the same: what was read has to be kept.
  mutating func append(_ letter: Delivery) {
    bytes += letter.body.count
    letters.append(letter)
  }

  /// Takes the oldest letter.
  mutating func popFirst() -> Delivery? {
    guard start < letters.count else { return nil }
    let letter = letters[start]
    bytes -= letter.body.count
    start += 1
    // Letters that were taken keep their memory until they are dropped here.
    if start == letters.count || start >= Self.letterLimit / 8 {
      letters.removeFirst(start)
      start = 0
    }
    return letter
  }
}
