import Crypto
import FoundationEssentials

/// A call with a signature, taken apart as strictly as the gateway does it.
struct SignedCall {
  static let algorithm = "SDK-HMAC-SHA256"

  var accessKey: String
  var signedHeaders: [String]
  var signature: String
  var date: String
  private let call: IncomingCall

  /// Nil when the call is not signed.
  init?(_ call: IncomingCall) throws(Refusal) {
    guard let text = call.headers["authorization"], text.hasPrefix(Self.algorithm + " ") else { return nil }
    var fields: [String: String] = [:]
    for part in text.dropFirst(Self.algorithm.count + 1).split(separator: ",") {
      let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { fields[String(pair[0])] = String(pair[1]) }
    }
    guard let accessKey = fields["Access"], let names = fields["SignedHeaders"], let signature = fields["Signature"],
      let date = call.headers["x-sdk-date"]
    else { throw .signatureMalformed }
    let signedHeaders = names.split(separator: ";").map(String.init)
    guard signedHeaders.contains("x-sdk-date"), signedHeaders == signedHeaders.sorted(),
      signedHeaders.allSatisfy({ call.headers[$0] != nil })
    else { throw .signatureMalformed }
    self.accessKey = accessKey
    self.signedHeaders = signedHeaders
    self.signature = signature
    self.date = date
    self.call = call
  }

  /// Seconds since 1970 of the date; nil when it is none.
  var seconds: Double? {
    let digits = Array(date)
    guard digits.count == 16, digits[8] == "T", digits[15] == "Z" else { return nil }
    func part(_ range: Range<Int>) -> Int? { Int(String(digits[range])) }
    guard let year = part(0..<4), let month = part(4..<6), let day = part(6..<8), let hour = part(9..<11),
      let minute = part(11..<13), let second = part(13..<15), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    return calendar.date(from: parts)?.timeIntervalSince1970
  }

  /// Whether the signature is that of this key.
  func isValid(secret: String) -> Bool {
    let hash = Self.hex(SHA256.hash(data: Data(canonicalRequest.utf8)))
    let text = Data("\(Self.algorithm)\n\(date)\n\(hash)".utf8)
    let code = HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: Data(secret.utf8)))
    return Self.hex(code) == signature
  }

  /// What is signed, with `\n` between its parts.
  var canonicalRequest: String {
    let headers = signedHeaders.map { name in
      name + ":" + (call.headers[name] ?? "").trimmed + "\n"
    }
    let parts = [
      call.method, Self.canonicalPath(call.rawPath), Self.canonicalQuery(call.rawQuery), headers.joined(),
      signedHeaders.joined(separator: ";"), bodyHash,
    ]
    return parts.joined(separator: "\n")
  }

  /// The stated hash when there is one and a body, else the hash of the body.
  private var bodyHash: String {
    let own = Self.hex(SHA256.hash(data: call.body))
    return call.body.isEmpty ? own : call.headers["x-sdk-content-sha256"] ?? own
  }

  private static func canonicalPath(_ path: String) -> String {
    let decoded = PercentCoding.decoded(path)
    let parts = decoded.split(separator: "/", omittingEmptySubsequences: false).map {
      PercentCoding.encoded(String($0))
    }
    let joined = parts.joined(separator: "/")
    return joined.hasSuffix("/") ? joined : joined + "/"
  }

  private static func canonicalQuery(_ query: String) -> String {
    let pairs = query.split(separator: "&").map { part -> (String, String) in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return (PercentCoding.decoded(pair[0]), pair.count > 1 ? PercentCoding.decoded(pair[1]) : "")
    }
    let sorted = pairs.sorted { left, right in
      let (name, other) = (Array(left.0.utf8), Array(right.0.utf8))
      return name == other
        ? Array(left.1.utf8).lexicographicallyPrecedes(Array(right.1.utf8)) : name.lexicographicallyPrecedes(other)
    }
    return sorted.map { PercentCoding.encoded($0.0) + "=" + PercentCoding.encoded($0.1) }.joined(separator: "&")
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}

extension String {
  fileprivate var trimmed: String {
    let end = drop { $0.isWhitespace }
    return String(end.reversed().drop { $0.isWhitespace }.reversed())
  }
}
