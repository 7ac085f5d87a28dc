internal import EventLoop
package import RedisStore
package import RelayCore

/// The keeper of the fleet's timeline: a script in Redis, which hands out each slot once.
///
/// The time is that of Redis, so clocks of processes do not matter. One call leases many slots, so it costs little for
/// each request; see the arithmetic in `rate.md`.
///
/// Isolation: belongs to the loop of its client.
package final class FleetKeeper {
  let client: RedisClient
  let member: RedisArgument
  let keys: [RedisArgument]
  /// Names the process whose turn it is to probe.
  let turnKey: RedisArgument
  /// Where changes are told that everybody is to follow at once.
  let newsChannel: String

  /// `name` tells what the rate is for: backend, region and credential. All processes with the same name share it.
  package init(client: RedisClient, prefix: String, name: String, member: String) {
    self.client = client
    let key = "\(prefix)rate:{\(name)}"
    keys = ["", ":members", ":wanting", ":calls"].map { .text(key + $0) }
    turnKey = .text(key + ":turn")
    newsChannel = key + ":news"
    self.member = .text(member)
  }

  /// Asks for slots; the completion is called once, on the loop.
  package func lease(_ request: LeaseRequest, _ completion: @escaping (LeaseAnswer?) -> Void) {
    client.run(Self.lease, keys: keys, arguments: arguments(of: request)) { result in
      completion((try? result.get()).flatMap(LeaseAnswer.init(reply:)))
    }
  }

  /// Leaves the fleet and gives the slots back that come last on the timeline.
  func leave(_ unused: SlotSupply.Run?, _ completion: @escaping () -> Void) {
    client.run(Self.leave, keys: keys + [turnKey], arguments: arguments(ofLeaving: unused)) { _ in completion() }
  }

  /// Tells of an outage, or asks for a turn; the completion is called once, on the loop, with nil when Redis is away.
  func tell(_ step: OutageStep, _ completion: @escaping (OutageAnswer?) -> Void) {
    client.run(Self.outage, keys: [keys[0], turnKey], arguments: arguments(of: step)) { result in
      completion((try? result.get()).flatMap(OutageAnswer.init(reply:)))
    }
  }

  // MARK: Arguments of the scripts

  func arguments(of request: LeaseRequest) -> [RedisArgument] {
    [
      member, .integer(Int64(request.wanted)), .integer(Int64(request.answered)), .text(text(request.interval)),
      .text(text(request.tolerance)), .text(text(request.horizon)), .text(text(request.pausedUntil)),
      .integer(Int64(request.known)), .text(request.change.map(String.init).joined(separator: ",")),
      .integer(request.isRecovering ? 1 : 0), .integer(request.isSpare ? 1 : 0),
      .integer(Int64(request.failed)), .integer(Int64(request.calls?.limit ?? 0)),
      .integer(Int64(request.calls?.held ?? 0)), .integer(Int64(request.calls?.wanted ?? 0)),
      .integer(request.calls?.isCut == true ? 1 : 0),
    ]
  }

  func arguments(of step: OutageStep) -> [RedisArgument] {
    [
      member, .text(step.kind.rawValue), .integer(step.pause.saturatingNanoseconds / 1_000),
      .integer(step.known.saturatingNanoseconds / 1_000), .text(step.cause),
    ]
  }

  func arguments(ofLeaving unused: SlotSupply.Run?) -> [RedisArgument] {
    let end = unused.map { $0.first + $0.interval * $0.count } ?? .zero
    return [member, .text(text(unused?.first ?? .zero)), .text(text(end))]
  }

  /// Microseconds, with three decimal places.
  private func text(_ duration: Duration) -> String {
    let nanoseconds = max(0, duration.saturatingNanoseconds)
    let fraction = String(nanoseconds % 1000 + 1000).dropFirst()
    return "\(nanoseconds / 1000).\(fraction)"
  }
}

extension LeaseAnswer {
  /// Reads what the script returns; nil when it is something else.
  init?(reply: RedisReply) {
    guard let elements = reply.elements, elements.count == 12 else { return nil }
    let texts = elements.map { $0.bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" }
    let numbers = texts.prefix(8).compactMap { Double($0) }
    guard numbers.count == 8, numbers.allSatisfy({ $0.isFinite && abs($0) < 9e15 }) else { return nil }
    let rate = texts[8].isEmpty ? [] : texts[8].split(separator: ",").compactMap { Int($0) }
    guard let row = Int(texts[9]) else { return nil }
    func time(_ index: Int) -> Duration { .nanoseconds(Int64(numbers[index] * 1000)) }
    self.init(
      now: time(0), version: Int(numbers[1]), numbers: rate, answered: max(0, Int(numbers[2])),
      members: max(0, Int(numbers[3])),
      slots: .init(first: time(4), interval: time(6), count: min(max(0, Int(numbers[5])), 1_000_000)),
      rampLeft: time(7), failedInARow: row, outage: texts[10].isEmpty ? nil : FleetOutage(text: texts[10]),
      calls: CallsAnswer(text: texts[11]))
  }
}

extension CallsAnswer {
  /// Reads `allotment,limit`; nil when the text is something else, also when it is empty.
  fileprivate init?(text: String) {
    let numbers = text.split(separator: ",").compactMap { Int($0) }
    guard numbers.count == 2, numbers.allSatisfy({ (0...1 << 30).contains($0) }) else { return nil }
    self.init(allotment: numbers[0], limit: numbers[1])
  }
}
