import BenchmarkSupport
import HuaweiCloud
import RelayCore

/// The same 10 MB body hashed plainly, signed as it came, and signed while it is encoded.
final class SigningMeasurement {
  let body: [UInt8]
  private let picture: [UInt8]
  private let prefix = Array(#"{"image":""#.utf8)
  private let suffix = Array(#""}"#.utf8)
  private let digest: OpenSSL
  private let signer: RequestSigner
  private var encoder: Base64Encoder

  init?(pictureSize: Int) {
    guard let digest = OpenSSL(), let encoder = Base64Encoder(inputCount: pictureSize) else { return nil }
    self.digest = digest
    self.encoder = encoder
    var state: UInt64 = 1
    picture = (0..<pictureSize).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    var text = [UInt8](repeating: 0, count: encoder.encodedCount)
    var whole = encoder
    picture.withUnsafeBytes { picture in text.withUnsafeMutableBytes { _ = whole.read(picture, into: $0) } }
    body = prefix + text + suffix
    signer = RequestSigner(
      RequestSigner.Request(
        method: "POST", path: "/v2/0123456789abcdef0123456789abcdef/ocr/general-text",
        headers: [("Content-Type", "application/json"), ("Host", "ocr.example.com"), ("X-Project-Id", "0123")]),
      key: AccessKey(id: "ACCESSKEY", secret: Secret("secret-key")))
  }

  /// The measure: the plain hash of the body.
  func plain() -> String {
    body.withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  /// A body that is forwarded as it came.
  func forwarded() -> String {
    body.withUnsafeBytes { digest.update($0) }
    return signature()
  }

  /// A body that is encoded while it is sent, and once before for its hash.
  func encoded() -> String {
    prefix.withUnsafeBytes { digest.update($0) }
    encoder.seek(to: 0)
    picture.withUnsafeBytes { picture in
      withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { chunk in
        while !encoder.isAtEnd {
          let count = encoder.read(picture, into: chunk)
          digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
      }
    }
    suffix.withUnsafeBytes { digest.update($0) }
    return signature()
  }

  private func signature() -> String {
    signer.authorization(date: "20260102T030405Z", bodyHash: digest.finish(), digest: digest)
  }
}
