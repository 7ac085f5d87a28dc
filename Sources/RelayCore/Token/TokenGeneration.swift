/// Which token is meant: grows with each one that is obtained. A refusal of an old generation says nothing about the
/// current one.
public struct TokenGeneration: Sendable, Hashable, Comparable {
  /// 1 for the first token of the process.
  public let number: UInt64

  /// Names a generation.
  public init(number: UInt64) {
    self.number = number
  }

  /// Whether `left` was obtained before `right`.
  public static func < (left: TokenGeneration, right: TokenGeneration) -> Bool {
    left.number < right.number
  }

  var next: TokenGeneration { TokenGeneration(number: number + 1) }
}
