import BenchmarkSupport
import HuaweiCloud
import RelayCore

/// The signature of a call.
struct SigningOperations {
  private let digest: OpenSSL

  init?() {
    guard let digest = OpenSSL() else { return nil }
    self.digest = digest
  }

  func all() -> [Operation] {
    let signer = RequestSigner(
      RequestSigner.Request(
        method: "POST", path: "/v2/0123456789abcdef0123456789abcdef/ocr/general-text",
        headers: [("Content-Type", "application/json"), ("Host", "ocr.example.com"), ("X-Project-Id", "0123")]),
      key: AccessKey(id: "ACCESSKEY", secret: Secret("secret-key")))
    return [
      Operation(name: "signature of a call of 1 KB", mostAllocations: 30) { [digest] in
        Bodies.address.withUnsafeBytes { digest.update($0) }
        let text = signer.authorization(date: "20260102T030405Z", bodyHash: digest.finish(), digest: digest)
        precondition(!text.isEmpty)
      }
    ]
  }
}
