internal import RedisStore
internal import RelayCore

extension OutageAnswer {
  /// Reads what the keeper's script returns; nil when it is something else.
  init?(reply: RedisReply) {
    guard let elements = reply.elements, elements.count == 3, let turn = elements[1].integer,
      let texts = Self.texts(elements[0], elements[2]), let now = Int64(texts.0), (0..<1 << 53).contains(now)
    else { return nil }
    self.init(now: .microseconds(now), isTurnGiven: turn == 1, outage: FleetOutage(text: texts.1))
  }

  private static func texts(_ first: RedisReply, _ second: RedisReply) -> (String, String)? {
    guard let first = first.bytes, let second = second.bytes else { return nil }
    return (String(decoding: first, as: UTF8.self), String(decoding: second, as: UTF8.self))
  }
}
