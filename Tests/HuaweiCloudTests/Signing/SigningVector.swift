import Foundation
import RelayCore
import Testing

@testable import HuaweiCloud

/// A request as the vendor's own signer signed it; the keys are made up.
struct SigningVector: Sendable, CustomTestStringConvertible {
  var id: String
  var method: String
  var path: String
  var query: [(name: String, value: String)]
  var headers: [(name: String, value: String)]
  var body: [UInt8]
  var date: String
  var key: AccessKey
  var canonicalRequest: String
  var stringToSign: String
  var signature: String
  var authorization: String

  var testDescription: String { id }

  /// Headers that the vendor's signer sends beside `X-Sdk-Date` and `Authorization`.
  var request: RequestSigner.Request {
    RequestSigner.Request(method: method, path: path, query: query, headers: headers, hasBody: !body.isEmpty)
  }

  static let all: [SigningVector] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "signing-vectors.json")
    guard let data = try? Data(contentsOf: file),
      let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let vectors = root["vectors"] as? [[String: Any]]
    else { preconditionFailure("signing-vectors.json cannot be read") }
    return vectors.compactMap(SigningVector.init)
  }()

  private init?(_ json: [String: Any]) {
    guard let id = json["id"] as? String, let input = json["input"] as? [String: Any],
      let expected = json["expected"] as? [String: Any], let sent = expected["wire_headers"] as? [String: String],
      let method = input["method"] as? String, let path = input["path"] as? String,
      let access = input["ak"] as? String, let secret = input["sk"] as? String,
      let canonical = expected["canonical_request"] as? String, let toSign = expected["string_to_sign"] as? String,
      let signature = expected["signature"] as? String, let authorization = expected["authorization"] as? String,
      let date = sent.first(where: { $0.key.lowercased() == "x-sdk-date" })?.value
    else { return nil }
    self.id = id
    self.method = method
    self.path = path
    self.date = date
    query = ((input["query"] as? [[Any]]) ?? []).flatMap(Self.pairs)
    headers = sent.filter { !["authorization", "x-sdk-date"].contains($0.key.lowercased()) }.map { ($0.key, $0.value) }
    body = Self.body(input["body"] as? [String: Any])
    key = AccessKey(
      id: access, secret: Secret(secret), securityToken: (input["security_token"] as? String).map { Secret($0) })
    canonicalRequest = canonical
    stringToSign = toSign
    self.signature = signature
    self.authorization = authorization
  }

  private static func pairs(_ pair: [Any]) -> [(name: String, value: String)] {
    guard pair.count == 2, let name = pair[0] as? String else { return [] }
    if let list = pair[1] as? [String] { return list.map { (name, $0) } }
    if let text = pair[1] as? String { return [(name, text)] }
    if let flag = pair[1] as? Bool { return [(name, flag ? "true" : "false")] }
    return (pair[1] as? Int).map { [(name, String($0))] } ?? []
  }

  private static func body(_ json: [String: Any]?) -> [UInt8] {
    guard let json else { return [] }
    if let text = json["utf8"] as? String { return Array(text.utf8) }
    if let text = json["base64"] as? String { return Array(Data(base64Encoded: text) ?? Data()) }
    let unit = json["repeat"] as? String ?? ""
    let middle = String(repeating: unit, count: json["count"] as? Int ?? 0)
    return Array(((json["prefix"] as? String ?? "") + middle + (json["suffix"] as? String ?? "")).utf8)
  }
}
