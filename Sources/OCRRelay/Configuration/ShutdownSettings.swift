/// How the relay ends.
public struct ShutdownSettings: Sendable, Equatable {
  /// How long requests in work may take after SIGTERM before they are given back to the queue.
  public var timeout = Duration.seconds(30)
}
