/// Tells once that a stored record cannot be read, until one can be read again.
struct UnreadableNotice {
  private var isTold = false

  /// The problem to tell; nil when there is none or it was told before.
  mutating func next(_ problem: String?) -> String? {
    defer { isTold = problem != nil }
    return isTold ? nil : problem
  }
}
