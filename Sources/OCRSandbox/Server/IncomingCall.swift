import Crypto
import FoundationEssentials

/// One request, read completely.
struct IncomingCall: Sendable {
  var method: String
  var path: String
  var query: [String: String]
  /// Path and query as they were sent, for signatures.
  var rawPath: String
  var rawQuery: String
  /// Header values by lower-case name.
  var headers: [String: String]
  var body: Data
  var requestID: String

  /// The parts of the path between slashes.
  var pathParts: [String] { path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init) }
}

/// Short names for contents, so that the ledger can tell them apart without holding them.
enum Fingerprint {
  /// Hex SHA-256.
  static func sha256(_ bytes: some Sequence<UInt8> & DataProtocol) -> String { hex(SHA256.hash(data: bytes)) }

  /// The first 16 hex digits of a token's SHA-256.
  static func token(_ text: String) -> String { String(sha256(Array(text.utf8)).prefix(16)) }

  /// 32 random hex digits, as request ids are.
  static func requestID() -> String { hex((0..<16).map { _ in UInt8.random(in: .min ... .max) }) }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
