internal import EventLoop

/// Commands that wait for their replies, oldest first, because replies come in the order of the commands.
///
/// A command whose budget is over is answered with that, and keeps its place: its reply may still come and must not be
/// taken for another's. Deadlines never decrease from one command to the next.
struct PendingCommands {
  typealias Completion = (Result<RedisReply, RedisFailure>) -> Void

  private struct Entry {
    let sentAt: MonotonicInstant
    let deadline: MonotonicInstant
    var completion: Completion?
  }

  private var entries: [Entry] = []
  private var head = 0
  /// Where the commands begin whose budget is not over.
  private var firstLive = 0

  var count: Int { entries.count - head }

  /// When the next budget ends.
  var nextDeadline: MonotonicInstant? { firstLive < entries.count ? entries[firstLive].deadline : nil }

  /// When the oldest command that still has no reply was sent.
  var oldest: MonotonicInstant? { head < entries.count ? entries[head].sentAt : nil }

  /// Whether a command is unanswered whose budget is over.
  var hasOverdue: Bool { firstLive > head }

  mutating func append(sentAt: MonotonicInstant, deadline: MonotonicInstant, _ completion: @escaping Completion) {
    entries.append(Entry(sentAt: sentAt, deadline: deadline, completion: completion))
  }

  /// The command that the next reply belongs to: nil when none is waiting, a nil completion when its budget is over.
  mutating func takeOldest() -> Completion?? {
    guard head < entries.count else { return nil }
    let completion = entries[head].completion
    entries[head].completion = nil
    head += 1
    firstLive = max(firstLive, head)
    compact()
    return .some(completion)
  }

  /// The next command whose budget is over at `now`; call until nil.
  mutating func takeOverdue(_ now: MonotonicInstant) -> Completion? {
    guard firstLive < entries.count, entries[firstLive].deadline <= now else { return nil }
    defer { firstLive += 1 }
    let completion = entries[firstLive].completion
    entries[firstLive].completion = nil
    return completion
  }

  /// All that are not answered yet, in order; nothing is waiting afterwards.
  mutating func takeAll() -> [Completion] {
    defer { self = PendingCommands() }
    return entries[firstLive...].compactMap(\.completion)
  }

  private mutating func compact() {
    if head == entries.count {
      entries.removeAll(keepingCapacity: true)
      head = 0
      firstLive = 0
    } else if head >= 64, head * 2 >= entries.count {
      entries.removeFirst(head)
      firstLive -= head
      head = 0
    }
  }
}
