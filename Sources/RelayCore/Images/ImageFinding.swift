/// What the first bytes of a file tell about it.
public struct ImageFinding: Sendable, Equatable {
  /// Width and height in pixels.
  public enum Size: Sendable, Equatable {
    /// Both sides, each at least 1.
    case pixels(width: Int, height: Int)
    /// The format has no size there, or it lies beyond the bytes at hand: the OCR service has to decide.
    case unknown
    /// The file contradicts its format or ends too early.
    case damaged
  }

  /// The format; nil when the first bytes are those of none that is known here.
  public let kind: ImageKind?
  /// The size; `.unknown` when the format is.
  public let size: Size

  /// A finding from its parts.
  public init(kind: ImageKind?, size: Size) {
    self.kind = kind
    self.size = size
  }
}
