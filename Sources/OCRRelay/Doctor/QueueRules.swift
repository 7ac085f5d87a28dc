internal import AMQP
internal import OCRContract

/// What rules of the broker really hold for a queue, as its management API tells it. Pure.
struct QueueRules: Sendable, Equatable {
  /// The queue.
  var name: String
  /// Names of the policies that touch it.
  var policies: [String] = []
  /// What they say, by the policies' own words such as `message-ttl`; texts and numbers as texts.
  var settings: [String: String] = [:]
  /// The argument `x-delivery-limit` that it was declared with.
  var declaredDeliveryLimit: Int?

  /// Reads the answer to `GET /api/queues/VHOST/NAME`; nil when it is none.
  init?(_ answer: JSONValue) {
    guard let name = answer["name"]?.text else { return nil }
    self.name = name
    policies = ["policy", "operator_policy"].compactMap { answer[$0]?.text }.filter { !$0.isEmpty }
    for member in answer["effective_policy_definition"]?.members ?? [] {
      settings[member.name] = member.value.textOrNumber
    }
    declaredDeliveryLimit = answer["arguments"]?["x-delivery-limit"]?.integer
  }

  /// What a queue is for.
  enum Kind: Sendable, Equatable {
    /// Requests are taken from it.
    case work
    /// Requests wait in it for their next attempt; they leave it after its time.
    case level
    /// Keeps messages until somebody comes for them.
    case keeping
  }

  /// How often the broker delivers a message before it takes it for poison: the lower one of argument and policy unless
  /// one of them says "for ever" (-1), and since RabbitMQ 4.0 20 where neither says anything; nil means for ever.
  func deliveryLimit(since4: Bool) -> Int? {
    let limits = [declaredDeliveryLimit, settings["delivery-limit"].flatMap { Int($0) }].compactMap { $0 }
    guard let lowest = limits.min(), let highest = limits.max() else { return since4 ? Self.defaultLimit : nil }
    return lowest >= 0 ? lowest : highest >= 0 ? highest : nil
  }

  private static let defaultLimit = 20

  private var policyText: String { policies.map { PrintableASCII.text($0) }.joined(separator: " and ") }

  // MARK: Judgement

  /// What is wrong with it for a queue whose messages nobody may lose; none when all is well.
  func findings(_ kind: Kind, since4: Bool) -> [Finding] {
    switch kind {
    case .work: losses(Self.dangers.filter { !$0.isHarmlessForWork }) + workLimit(since4: since4)
    case .level: losses(Self.dangers.filter { !$0.isHarmlessForLevels })
    case .keeping: losses(Self.dangers) + letterLimit(since4: since4)
    }
  }

  /// Rules that delete messages, or send them elsewhere.
  private func losses(_ dangers: [Danger]) -> [Finding] {
    dangers.compactMap { danger in
      guard let value = settings[danger.key], danger.key != "overflow" || value == "drop-head" else { return nil }
      return Finding(
        "broker", "policy for \(name)", .fail,
        "\(policyText) says \(danger.key) \(PrintableASCII.text(value)): "
          + danger.consequence, advice: "let no policy with \(danger.key) match \(name)")
    }
  }

  private struct Danger: Sendable {
    var key: String
    var consequence: String
    /// The arguments of work queues hold before any policy, and refuse what is too much.
    var isHarmlessForWork = false
    /// So do those of levels, whose time is what they are for.
    var isHarmlessForLevels = false
  }

  private static let dangers = [
    Danger(
      key: "message-ttl", consequence: "messages are gone after that many milliseconds", isHarmlessForLevels: true),
    Danger(key: "expires", consequence: "the queue is deleted when nobody uses it for that many milliseconds"),
    Danger(
      key: "max-length", consequence: "the oldest messages are dropped, or new ones refused, beyond that number",
      isHarmlessForWork: true),
    Danger(
      key: "max-length-bytes", consequence: "the oldest messages are dropped, or new ones refused, beyond that size",
      isHarmlessForWork: true),
    Danger(key: "overflow", consequence: "the oldest messages are dropped", isHarmlessForWork: true),
    Danger(
      key: "dead-letter-exchange", consequence: "messages that the broker gives up go there", isHarmlessForWork: true,
      isHarmlessForLevels: true),
  ]

  private func workLimit(since4: Bool) -> [Finding] {
    let check = "delivery limit of \(name)"
    let wanted = Int(Topology.deliveryLimit)
    switch deliveryLimit(since4: since4) {
    case wanted: return [Finding("broker", check, .ok, "\(wanted) in effect")]
    case nil:
      return [
        Finding(
          "broker", check, .warn, "none is in effect: a message that kills relays comes back for ever",
          advice: "declare the queue as `ocr-relay topology print` shows it")
      ]
    case let limit?:
      return [
        Finding(
          "broker", check, limit < wanted ? .warn : .ok,
          "\(limit) in effect, the relay is made for \(wanted)"
            + (limit < wanted ? ": requests that pauses gave back may end as poison" : ""),
          advice: limit < wanted ? "raise delivery-limit to \(wanted) in \(policyText)" : nil)
      ]
    }
  }

  /// Looking at dead letters delivers them; that must not cost one.
  private func letterLimit(since4: Bool) -> [Finding] {
    guard let limit = deliveryLimit(since4: since4), name != QueueName.unroutable else { return [] }
    return [
      Finding(
        "broker", "delivery limit of \(name)", .warn,
        "\(limit) in effect: a letter that was looked at so often is dropped",
        advice: "set a policy with delivery-limit -1 for ^ocr\\.dead\\. and ^ocr\\.parked$")
    ]
  }
}
