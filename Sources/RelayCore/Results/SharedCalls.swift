/// Calls under way by what they are for: who needs the same result waits for the call that is made already.
///
/// Pure bookkeeping; a waiter is whatever the caller wants to have back when the call has ended. Inlinable, because each
/// request passes here: the module that names the waiter gets code for just that.
public struct SharedCalls<Waiter> {
  @usableFromInline var waiting: [ResultKey: [Waiter]] = [:]

  /// No calls.
  @inlinable
  public init() {}

  /// Calls under way.
  @inlinable
  public var count: Int { waiting.count }

  /// Begins a call. False when one is under way already; wait for it then.
  @inlinable
  public mutating func begin(_ key: ResultKey) -> Bool {
    guard waiting[key] == nil else { return false }
    waiting[key] = []
    return true
  }

  /// Waits for the call that is under way; the caller made sure that there is one.
  @inlinable
  public mutating func wait(_ key: ResultKey, _ waiter: Waiter) {
    precondition(waiting[key] != nil, "SharedCalls.wait: no call is under way")
    waiting[key]?.append(waiter)
  }

  /// Ends a call and hands out who waited for it, in the order in which they came.
  @inlinable
  public mutating func end(_ key: ResultKey) -> [Waiter] {
    guard let waiters = waiting.removeValue(forKey: key) else {
      preconditionFailure("SharedCalls.end: no call is under way")
    }
    return waiters
  }
}
