/// What the process of a relay makes use of.
public struct ProcessSettings: Sendable, Equatable {
  /// Event loops, each with a thread, connections, a consumer and calls of its own.
  public var loops = 1
}

extension RelayConfiguration {
  /// One loop's part of the bytes of requests in work.
  var bytesInWorkOfLoop: Int { limits.bytesInWork / process.loops }
}
