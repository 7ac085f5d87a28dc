/// How carefully letters are replayed.
public struct ReplayOptions: Sendable, Equatable {
  /// How many letters go first; the others follow when these were recognised. 0 sends all at once.
  public var canaries = 1
  /// The most letters in a second.
  public var rate = 20
  /// After so many letters that died again or could not be moved nothing more is sent; 0 never stops.
  public var stopAfterFailures = 3
  /// How long to wait for the outcome of a canary, and of the last letters at the end.
  public var outcomeTimeout = Duration.seconds(120)

  /// One canary, 20 a second, stop after 3.
  public init() {}
}
