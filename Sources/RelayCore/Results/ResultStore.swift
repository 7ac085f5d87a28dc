/// Keeps results for a while, so that a request that comes again is answered without being paid again.
///
/// A store may forget at any time and for any reason; the price is one more call. It never fails: a store that cannot be
/// reached has found nothing and kept nothing, within a bounded time.
///
/// Isolation: not `Sendable`; called on one loop, where completions are called as well: at once or later, exactly once.
public protocol ResultStore: AnyObject {
  /// Results with more bytes than this are not kept; nobody needs to offer them.
  var largestBody: Int { get }

  /// Looks a result up; nil when there is none.
  func find(_ key: ResultKey, _ completion: @escaping (StoredResult?) -> Void)

  /// Keeps a result unless there is one already. The first one wins, so that calls made twice still give one answer:
  /// `completion` gets the earlier result when there is one, else nil.
  func keep(_ key: ResultKey, _ result: StoredResult, _ completion: @escaping (_ earlier: StoredResult?) -> Void)
}
