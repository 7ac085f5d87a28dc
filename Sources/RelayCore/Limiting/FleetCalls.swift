/// What a process tells about its calls at once, where the configured bound is one of the whole fleet.
public struct CallsRequest: Sendable, Equatable {
  /// The configured bound.
  public var limit: Int
  /// Calls that the process may have under way until it hears the answer.
  public var held: Int
  /// Calls that it would like to have under way.
  public var wanted: Int
  /// Whether one was refused because too many ran at once.
  public var isCut: Bool

  /// Makes a request.
  public init(limit: Int, held: Int, wanted: Int, isCut: Bool) {
    self.limit = limit
    self.held = held
    self.wanted = wanted
    self.isCut = isCut
  }
}

/// What the keeper answers.
public struct CallsAnswer: Sendable, Equatable {
  /// Calls that the process may have under way. What it holds beyond that it gives back as calls end.
  public var allotment: Int
  /// The bound of the fleet, as far as refusals tell.
  public var limit: Int

  /// Makes an answer.
  public init(allotment: Int, limit: Int) {
    self.allotment = allotment
    self.limit = limit
  }
}
