/// A token as a store keeps it for every process that uses the same credential.
///
/// Ages and lives are durations of the store's own clock, so the clocks of processes need not agree.
public struct StoredToken: Sendable, Equatable {
  /// Which one it is over all processes: the number of the login that brought it. Never decreases in a store.
  public var generation: UInt64
  /// What is kept of the login's answer.
  public var contents: TokenContents
  /// How long ago its login began.
  public var age: Duration
  /// Whether the service refused it.
  public var isRefused: Bool

  /// Makes a stored token.
  public init(generation: UInt64, contents: TokenContents, age: Duration, isRefused: Bool = false) {
    self.generation = generation
    self.contents = contents
    self.age = age
    self.isRefused = isRefused
  }

  /// What is left of its life; negative when it has ended.
  public var remaining: Duration { contents.lifetime - age }

  /// Whether calls may be made with it.
  public var isUsable: Bool { !isRefused && remaining > .zero }
}

/// What a login brings.
public struct TokenContents: Sendable, Equatable {
  /// The token that calls carry.
  public var text: Secret
  /// What gets the next token without a full login; nil where there is no such thing.
  public var refreshText: Secret?
  /// The project that the token is bound to; nil where there are no projects.
  public var projectID: String?
  /// Its life, counted from the start of the login.
  public var lifetime: Duration

  /// Makes contents.
  public init(text: Secret, refreshText: Secret? = nil, projectID: String? = nil, lifetime: Duration) {
    self.text = text
    self.refreshText = refreshText
    self.projectID = projectID
    self.lifetime = lifetime
  }
}
