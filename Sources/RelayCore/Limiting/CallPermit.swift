/// The right to make one call. It is given back as answered, refused or abandoned.
public struct CallPermit: Sendable, Equatable {
  /// When it was given.
  public let began: Duration
  /// The API that is called.
  public let api: String
}
