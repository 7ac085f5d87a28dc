/// One top-level member of a scanned object: where its name and value are, and what kind of value it is.
/// Nothing is copied; the ranges are byte offsets into the scanned bytes.
public struct ScannedMember: Sendable, Equatable {
  /// JSON type of the value.
  public enum Kind: UInt8, Sendable {
    case string, integer, number, boolean, null, object, array
  }

  /// Whether a string contains escape sequences.
  public enum Escapes: UInt8, Sendable {
    case none, present
    /// A long string: only its end was looked for.
    case unknown
  }

  private let nameStart: UInt32
  private let nameEnd: UInt32
  private let valueStart: UInt32
  private let valueEnd: UInt32
  /// JSON type of the value.
  public let kind: Kind
  /// Escape sequences in the value; `.none` unless it is a string.
  public let escapes: Escapes

  init(name: Range<Int>, value: Range<Int>, kind: Kind, escapes: Escapes) {
    nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
    nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
    valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
    valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
    self.kind = kind
    self.escapes = escapes
  }

  /// The name without its quotes.
  public var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  /// The value; a string without its quotes.
  public var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
