/// A text that must not be seen: a password, key or token. Printing, interpolating, dumping or reflecting it shows a
/// placeholder; ``reveal()`` is the only way to the text, so that a search for it finds every use.
public struct Secret: Sendable {
  private let text: String

  /// Wraps a text.
  public init(_ text: String) { self.text = text }

  /// The text itself. Hand it to the one call that needs it and keep no copy.
  public func reveal() -> String { text }

  /// Whether there is nothing to hide.
  public var isEmpty: Bool { text.isEmpty }
}

extension Secret: Equatable {
  /// Compares every byte even after a difference, so that the time taken does not tell where the texts differ.
  public static func == (left: Secret, right: Secret) -> Bool {
    guard left.text.utf8.count == right.text.utf8.count else { return false }
    return zip(left.text.utf8, right.text.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// A placeholder.
  public var description: String { "<secret>" }
  /// A placeholder.
  public var debugDescription: String { "<secret>" }
  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
