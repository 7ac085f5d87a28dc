import RelayCore
import Testing

@testable import HuaweiCloud

struct RequestSignerTests {
  private let digest = OpenSSLTestDigest()

  @Test func allVectorsAreThere() { #expect(SigningVector.all.count == 40) }

  @Test(arguments: SigningVector.all)
  func signsAsTheVendorsSignerDoes(_ vector: SigningVector) {
    let signer = RequestSigner(vector.request, key: vector.key)
    let bodyHash = digest.hexSHA256(vector.body)
    let canonical = signer.canonicalRequest(date: vector.date, bodyHash: bodyHash)
    #expect(String(decoding: canonical, as: UTF8.self) == vector.canonicalRequest)
    let toSign = signer.stringToSign(date: vector.date, hash: digest.hexSHA256(canonical))
    #expect(String(decoding: toSign, as: UTF8.self) == vector.stringToSign)
    let authorization = signer.authorization(date: vector.date, bodyHash: bodyHash, digest: digest)
    #expect(authorization == vector.authorization && authorization.hasSuffix(vector.signature))
  }

  @Test func oneSignerSignsManyBodies() {
    let request = RequestSigner.Request(method: "POST", path: "/v2/p/ocr/x", headers: [("Host", "h")])
    let signer = RequestSigner(request, key: AccessKey(id: "a", secret: Secret("s")))
    let texts = ["1", "2"].map { body in
      signer.authorization(date: "20260102T030405Z", bodyHash: digest.hexSHA256(Array(body.utf8)), digest: digest)
    }
    #expect(signer.needsBodyHash && texts[0] != texts[1])
    #expect(texts[0].hasPrefix("SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date, Signature="))
  }

  @Test func bodiesThatAreNotSignedNeedNoHash() {
    let unsigned = RequestSigner.Request(
      method: "POST", path: "/", headers: [("Host", "h"), ("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD")])
    let key = AccessKey(id: "a", secret: Secret("s"))
    #expect(!RequestSigner(unsigned, key: key).needsBodyHash)
    var empty = unsigned
    empty.hasBody = false
    #expect(!RequestSigner(empty, key: key).needsBodyHash)
  }

  @Test(
    arguments: [
      (0, "19700101T000000Z"), (1_767_323_045, "20260102T030405Z"), (951_868_799, "20000229T235959Z"),
      (4_107_542_400, "21000301T000000Z"), (-1, "19691231T235959Z"), (.max, "99991231T235959Z"),
      (.min, "00000101T000000Z"),
    ] as [(Int64, String)])
  func datesAreWrittenInUTC(_ seconds: Int64, _ text: String) {
    #expect(SigningDate.text(secondsSince1970: seconds) == text)
  }

  @Test func datesAgreeWithTheReaderOfTimes() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<2_000 {
      let seconds = Int64.random(in: -1_000_000_000...10_000_000_000, using: &random)
      let text = Array(SigningDate.text(secondsSince1970: seconds))
      let iso =
        "\(String(text[0..<4]))-\(String(text[4..<6]))-\(String(text[6..<8]))T\(String(text[9..<11])):"
        + "\(String(text[11..<13])):\(String(text[13..<15]))Z"
      #expect(WireTime.iso8601(iso) == Int(seconds), "seed \(seed)")
    }
  }
}
