import Foundation
import Testing

@testable import OCRSandbox

/// Signatures of the vendor's own signer, as a server sees them.
@Suite struct SignedCallTests {
  /// A request on the wire, and the secret behind its signature.
  struct Sample: Sendable, CustomTestStringConvertible {
    var id: String
    var call: IncomingCall
    var secret: String
    var date: String
    var testDescription: String { id }
  }

  static let samples: [Sample] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../HuaweiCloudTests/Signing/signing-vectors.json")
    guard let data = try? Data(contentsOf: file), let json = try? JSONValue(parsing: data) else { return [] }
    return json["vectors"]?.elements?.compactMap(sample) ?? []
  }()

  private static func sample(_ json: JSONValue) -> Sample? {
    guard let id = json["id"]?.text, let input = json["input"], let expected = json["expected"],
      let uri = expected["request_uri"]?.text, let secret = input["sk"]?.text, let method = input["method"]?.text
    else { return nil }
    var headers: [String: String] = [:]
    for member in expected["wire_headers"]?.members ?? [] { headers[member.name.lowercased()] = member.value.text }
    let parts = uri.split(separator: "?", maxSplits: 1).map(String.init)
    let call = IncomingCall(
      method: method.uppercased(), path: parts[0], query: [:], rawPath: parts[0],
      rawQuery: parts.count > 1 ? parts[1] : "", headers: headers, body: body(input["body"]), requestID: "r")
    return Sample(id: id, call: call, secret: secret, date: headers["x-sdk-date"] ?? "")
  }

  private static func body(_ json: JSONValue?) -> Data {
    if let text = json?["utf8"]?.text { return Data(text.utf8) }
    if let text = json?["base64"]?.text { return Data(base64Encoded: text) ?? Data() }
    let middle = String(repeating: json?["repeat"]?.text ?? "", count: json?["count"]?.wholeNumber ?? 0)
    return Data(((json?["prefix"]?.text ?? "") + middle + (json?["suffix"]?.text ?? "")).utf8)
  }

  @Test func allSamplesAreThere() { #expect(Self.samples.count == 40) }

  @Test(arguments: samples)
  func rightSignaturesAreAccepted(_ sample: Sample) throws {
    let signed = try #require(try SignedCall(sample.call))
    #expect(signed.isValid(secret: sample.secret), "\(signed.canonicalRequest)")
    #expect(!signed.isValid(secret: sample.secret + "x"))
  }

  @Test(arguments: samples.filter { !$0.call.body.isEmpty && $0.call.headers["x-sdk-content-sha256"] == nil })
  func whatIsChangedAfterSigningIsRefused(_ sample: Sample) throws {
    var changed = sample.call
    changed.body.append(0x20)
    #expect(try SignedCall(changed)?.isValid(secret: sample.secret) == false)
    changed = sample.call
    changed.rawPath += "x"
    #expect(try SignedCall(changed)?.isValid(secret: sample.secret) == false)
    changed = sample.call
    changed.headers["host"] = "elsewhere.example.com"
    #expect(try SignedCall(changed)?.isValid(secret: sample.secret) == false)
  }

  @Test func callsWithoutASignatureAreNotSigned() throws {
    var call = Self.samples[0].call
    call.headers["authorization"] = "Bearer sk-1"
    #expect(try SignedCall(call) == nil)
    for broken in [
      "SDK-HMAC-SHA256 ", "SDK-HMAC-SHA256 Access=a", "SDK-HMAC-SHA256 Access=a, SignedHeaders=, Signature=b",
    ] {
      call.headers["authorization"] = broken
      #expect(throws: Refusal.signatureMalformed) { try SignedCall(call) }
    }
  }

  @Test func datesAreRead() throws {
    let signed = try #require(try SignedCall(Self.samples[0].call))
    #expect(signed.date == "20240115T083045Z" && signed.seconds == 1_705_307_445)
    #expect(SignatureTime.text(1_705_307_445) == "20240115T083045Z")
  }

  @Test func theGatewayChecksTimeAndLocksKeys() throws {
    let sample = Self.samples[0]
    let signed = try #require(try SignedCall(sample.call))
    let now = try #require(signed.seconds)
    func book(_ secret: String) -> AccessKeyBook {
      AccessKeyBook([SandboxKeys.AccessKey(id: signed.accessKey, secret: secret)])
    }
    var right = book(sample.secret)
    for offset in [-900, 0, 900] as [Double] { try right.check(signed, securityToken: nil, at: now + offset) }
    let late = #expect(throws: Refusal.self) { try right.check(signed, securityToken: nil, at: now + 901) }
    #expect(late?.code == "APIG.0303" && late?.message.contains("server time:20240115T084546Z") == true)
    var wrong = book("other")
    for _ in 0..<6 {
      let refusal = #expect(throws: Refusal.self) { try wrong.check(signed, securityToken: nil, at: now) }
      #expect(refusal?.message.contains("verify aksk signature fail") == true)
    }
    #expect(throws: Refusal.accessKeyLocked) { try wrong.check(signed, securityToken: nil, at: now + 299) }
    #expect(throws: Refusal.self) { try wrong.check(signed, securityToken: nil, at: now + 300) }
    var none = AccessKeyBook([])
    #expect(throws: Refusal.accessKeyUnknown) { try none.check(signed, securityToken: nil, at: now) }
    var temporary = AccessKeyBook([
      SandboxKeys.AccessKey(id: signed.accessKey, secret: sample.secret, securityToken: "st")
    ])
    #expect(throws: Refusal.securityTokenWrong) { try temporary.check(signed, securityToken: "st", at: now) }
  }
}
