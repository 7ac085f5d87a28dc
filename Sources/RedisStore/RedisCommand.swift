/// A command with its arguments, for example `["SET", "ocr:key", .bytes(value)]`.
public struct RedisCommand: Sendable, Hashable, ExpressibleByArrayLiteral {
  /// Name and arguments; one at least.
  public var parts: [RedisArgument]

  /// A command out of name and arguments. Traps without a name.
  public init(_ parts: [RedisArgument]) {
    precondition(!parts.isEmpty, "RedisCommand: no name")
    self.parts = parts
  }

  /// A command out of name and arguments. Traps without a name.
  public init(arrayLiteral parts: RedisArgument...) {
    self.init(parts)
  }
}
