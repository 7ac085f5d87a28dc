/// A dead letter with its body.
public struct Letter: Sendable, Equatable {
  /// What is known about it.
  public var record: LetterRecord
  /// The body, byte for byte; empty unless it was asked for.
  public var body: [UInt8]
}
