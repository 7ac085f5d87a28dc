/// Puts a reply together from the values that the reader meets, outermost and first ones first.
///
/// Bounded: a reply with more values than `valueLimit` is refused, whatever its arrays announce.
final class ReplyBuilder {
  /// The complete reply, once there is one.
  private var finished: RedisReply?
  private var open: [(missing: Int, elements: [RedisReply])] = []
  private var values = 0
  private let valueLimit: Int

  init(valueLimit: Int) {
    self.valueLimit = valueLimit
  }

  /// A value that is no array; whether it was taken.
  func add(_ value: RedisReply) -> Bool {
    values += 1
    guard values <= valueLimit else { return false }
    attach(value)
    return true
  }

  /// An array with this many elements to come; whether it was taken.
  func beginArray(count: Int) -> Bool {
    guard count <= valueLimit - values else { return false }
    if count == 0 { return add(.array([])) }
    values += 1
    open.append((count, []))
    open[open.count - 1].elements.reserveCapacity(count)
    return true
  }

  /// Hands the complete reply over and begins anew.
  func take() -> RedisReply? {
    defer {
      finished = nil
      values = 0
    }
    return finished
  }

  private func attach(_ value: RedisReply) {
    var value = value
    while !open.isEmpty {
      open[open.count - 1].elements.append(value)
      open[open.count - 1].missing -= 1
      guard open[open.count - 1].missing == 0 else { return }
      value = .array(open.removeLast().elements)
    }
    finished = value
  }
}
