internal import Synchronization

/// Tells news on, at most a few times a second: pages do not look more often.
final class Progress<Value: Sendable>: Sendable {
  private let next = Mutex<Int64>(0)
  private let report: @Sendable (Value) -> Void

  private static var pause: Int64 { 200 }

  init(_ report: @escaping @Sendable (Value) -> Void) { self.report = report }

  /// Tells a value, unless another was told a moment ago.
  func tell(_ value: Value) {
    let now = SystemTime.milliseconds
    let isDue = next.withLock { next in
      guard now >= next else { return false }
      next = now + Self.pause
      return true
    }
    if isDue { report(value) }
  }
}
