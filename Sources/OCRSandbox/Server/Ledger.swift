/// One call as the ledger remembers it. Never holds a token, a password or recognised text.
struct LedgerEntry: Sendable {
  enum Outcome: String, Sendable {
    /// Answered with a result (billed), or a token was issued.
    case ok
    /// Refused by a rule.
    case refused
    /// Refused by the rate limit.
    case throttled
    /// Something went wrong on request.
    case fault
  }

  var time: Double
  /// `iam`, or the API's name as in the path.
  var api: String
  var requestID: String
  var bodyBytes = 0
  var bodySHA256: String?
  var imageSHA256: String?
  var token: String?
  /// The server's name as the caller gave it; tells callers apart that were given different names for this machine.
  var host: String?
  var traceParent: String?
  var outcome: Outcome = .refused
  var fault: String?
  var status = 0
  var code: String?
  var isBilled = false
  var milliseconds = 0.0

  func json(number: Int) -> JSONValue {
    .fields([
      "n": .integer(number), "time": .string(WireTime.text(time)), "api": .string(api),
      "request_id": .string(requestID), "body_bytes": .integer(bodyBytes), "body_sha256": .optional(bodySHA256),
      "image_sha256": .optional(imageSHA256), "token": .optional(token), "host": .optional(host),
      "traceparent": .optional(traceParent),
      "outcome": .string(outcome.rawValue), "fault": .optional(fault), "status": .integer(status),
      "code": .optional(code), "billed": .bool(isBilled),
      "duration_ms": .number((milliseconds * 1000).rounded() / 1000),
    ])
  }
}

extension JSONValue {
  static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}

/// The calls of this run, oldest first, bounded. Pure: the caller guards the value.
struct Ledger: Sendable {
  static let capacity = 200_000
  private(set) var entries: [LedgerEntry] = []
  /// Calls that no longer fitted; the counts still hold them.
  private(set) var dropped = 0
  private var counts: [String: Int] = [:]
  private var total = 0
  private var billed = 0

  mutating func record(_ entry: LedgerEntry) {
    total += 1
    if entry.isBilled { billed += 1 }
    counts["outcome." + entry.outcome.rawValue, default: 0] += 1
    counts["status.\(entry.status)", default: 0] += 1
    counts["api." + entry.api, default: 0] += 1
    if let code = entry.code { counts["code." + code, default: 0] += 1 }
    if let fault = entry.fault { counts["fault." + fault, default: 0] += 1 }
    if entries.count < Self.capacity { entries.append(entry) } else { dropped += 1 }
  }

  /// One JSON object a line.
  var lines: String {
    var text = ""
    for (index, entry) in entries.enumerated() { text += entry.json(number: index + 1).jsonText + "\n" }
    return text
  }

  /// Counts by outcome, status, API, code and fault.
  var summary: JSONValue {
    var groups: [String: [JSONValue.Member]] = [:]
    for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
      guard let dot = key.firstIndex(of: ".") else { continue }
      groups[String(key[..<dot]), default: []].append(
        .init(String(key[key.index(after: dot)...]), .integer(count)))
    }
    return .fields([
      "total": .integer(total), "billed": .integer(billed), "dropped": .integer(dropped),
      "outcome": .object(groups["outcome"] ?? []), "status": .object(groups["status"] ?? []),
      "api": .object(groups["api"] ?? []), "code": .object(groups["code"] ?? []),
      "fault": .object(groups["fault"] ?? []),
    ])
  }
}
