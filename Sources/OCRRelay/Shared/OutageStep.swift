internal import RedisStore
internal import RelayCore

/// What a process tells the keeper about an outage of the service, or asks.
struct OutageStep {
  /// What it is.
  enum Kind: String {
    /// Calls fail; no probe is made during the pause.
    case close
    /// May this process probe, or go on with it?
    case probe
    /// Calls succeed again.
    case open
  }

  var kind: Kind
  /// How long no probe is made.
  var pause = Duration.zero
  /// The change that the process knows, zero for none.
  var known: Duration
  /// The failure, as ``FleetOutage/cause(of:)`` writes it.
  var cause: String
}

/// What the keeper answers.
struct OutageAnswer {
  /// The keeper's time.
  var now: Duration
  /// Whether the process may probe.
  var isTurnGiven: Bool
  /// What the fleet knows; nil when nothing is known.
  var outage: FleetOutage?

  /// Reads what the script returns; nil when it is something else.
  init?(reply: RedisReply) {
    guard let elements = reply.elements, elements.count == 3, let turn = elements[1].integer,
      let texts = Self.texts(elements[0], elements[2]), let now = Int64(texts.0), (0..<1 << 53).contains(now)
    else { return nil }
    self.now = .microseconds(now)
    isTurnGiven = turn == 1
    outage = FleetOutage(text: texts.1)
  }

  private static func texts(_ first: RedisReply, _ second: RedisReply) -> (String, String)? {
    guard let first = first.bytes, let second = second.bytes else { return nil }
    return (String(decoding: first, as: UTF8.self), String(decoding: second, as: UTF8.self))
  }
}
