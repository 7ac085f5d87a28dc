/// Something that shall go wrong, as `POST /sandbox/faults` describes it.
struct Fault: Sendable, Equatable {
  enum Kind: String, Sendable, CaseIterable {
    /// Answer with `status`, `code` and `message`.
    case status
    /// Wait `delay_ms`, then go on as if nothing were.
    case delay
    /// Never answer; ends when the peer leaves or the faults are deleted.
    case hang
    /// Reset the connection.
    case reset
    /// Announce the whole answer, send half of it, close.
    case truncate
    /// 200 with a body that is not JSON.
    case invalidJSON = "invalid_json"
    /// 200 with a web page.
    case html
    /// The gateway's throttling refusal for `limit` calls in `window_s`.
    case throttle
    /// Let the call's token expire before it is checked.
    case expireToken = "expire_token"
    /// Revoke the call's token before it is checked.
    case revokeToken = "revoke_token"
  }
  enum Target: String, Sendable {
    case ocr
    case iam
  }
  /// Whether the call is carried out before things go wrong; a call carried out is a call billed.
  enum Phase: String, Sendable {
    case before
    case after
  }

  var kind: Kind
  var target: Target = .ocr
  var phase: Phase = .before
  /// Only these APIs; empty means all.
  var apis: Set<String> = []
  /// How many more calls it hits; nil means without end.
  var times: Int?
  /// The share of calls it hits, 0 to 1.
  var share = 1.0
  var seed: UInt64 = 1
  var delayMilliseconds = 0
  var status = 500
  var code = ""
  var message = ""
  var headers: [JSONValue.Member] = []
  var limit = 1
  var windowSeconds = 60
  var policy = "user"
}

/// A fault description that cannot be used, and why.
struct FaultSyntaxError: Error, Equatable {
  var detail: String
}

extension Fault {
  /// Reads a description; unknown names and wrong types are refused so that a test with a typo fails at once.
  init(_ json: JSONValue) throws(FaultSyntaxError) {
    guard let members = json.members else { throw FaultSyntaxError(detail: "a fault is a JSON object") }
    guard let kind = json["kind"]?.text.flatMap(Kind.init(rawValue:)) else {
      throw FaultSyntaxError(
        detail: "kind must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.init(kind: kind)
    phase = kind == .truncate ? .after : .before
    for member in members { try set(member) }
  }

  private mutating func set(_ member: JSONValue.Member) throws(FaultSyntaxError) {
    let value = member.value
    switch member.name {
    case "kind": break
    case "target": target = try Self.take(value.text.flatMap(Target.init(rawValue:)), member.name)
    case "when": phase = try Self.take(value.text.flatMap(Phase.init(rawValue:)), member.name)
    case "api": apis = [try Self.take(value.text, member.name)]
    case "apis": apis = Set(try Self.take(value.elements, member.name).compactMap(\.text))
    case "times": times = try Self.take(value.wholeNumber.flatMap { $0 > 0 ? $0 : nil }, member.name)
    case "share": share = try Self.take(value.double.flatMap { (0...1).contains($0) ? $0 : nil }, member.name)
    case "seed": seed = try Self.take(value.wholeNumber.flatMap { UInt64(exactly: $0) }, member.name)
    case "delay_ms":
      delayMilliseconds = try Self.take(
        value.wholeNumber.flatMap { (0...3_600_000).contains($0) ? $0 : nil }, member.name)
    case "status":
      status = try Self.take(value.wholeNumber.flatMap { (200...599).contains($0) ? $0 : nil }, member.name)
    case "code": code = try Self.take(value.text, member.name)
    case "message": message = try Self.take(value.text, member.name)
    case "headers": headers = try Self.take(value.members, member.name)
    case "limit": limit = try Self.take(value.wholeNumber.flatMap { $0 > 0 ? $0 : nil }, member.name)
    case "window_s": windowSeconds = try Self.take(value.wholeNumber.flatMap { $0 > 0 ? $0 : nil }, member.name)
    case "policy": policy = try Self.take(value.text, member.name)
    default: throw FaultSyntaxError(detail: "unknown member \(member.name)")
    }
  }

  private static func take<Value>(_ value: Value?, _ name: String) throws(FaultSyntaxError) -> Value {
    guard let value else { throw FaultSyntaxError(detail: "\(name) has a wrong type or is out of range") }
    return value
  }

  /// The refusal that a `status` or `throttle` fault speaks, in the envelope that fits its code.
  var refusal: Refusal {
    if kind == .throttle { return .throttled(policy: policy, limit: limit, seconds: windowSeconds) }
    let layer: Refusal.Layer =
      target == .iam ? .identity : code.hasPrefix("APIG") ? .gateway : .service
    return Refusal(layer, status, code, message)
  }
}
