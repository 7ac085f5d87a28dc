/// What somebody may do.
enum Role: String, Sendable, Comparable {
  /// Look at everything.
  case read
  /// Replay, put aside and delete as well.
  case operate

  static func < (left: Role, right: Role) -> Bool { left == .read && right == .operate }
}
