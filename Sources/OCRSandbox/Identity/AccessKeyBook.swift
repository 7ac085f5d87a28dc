/// Access keys and their locks. Pure: the caller brings the time and guards the value.
struct AccessKeyBook: Sendable {
  /// Failures in a row that a key may have, and how long it is locked after one more, in seconds.
  static let failuresUntilLock = 5
  static let lockSeconds = 300.0
  /// How far the date of a signature may be off, in seconds.
  static let tolerance = 900.0

  private let keys: [SandboxKeys.AccessKey]
  private var failures: [String: Int] = [:]
  private var lockedUntil: [String: Double] = [:]

  init(_ keys: [SandboxKeys.AccessKey]) {
    self.keys = keys
  }

  /// Refuses a call whose signature is not that of its key, in the gateway's words.
  mutating func check(_ call: SignedCall, securityToken: String?, at now: Double) throws(Refusal) {
    guard let key = keys.first(where: { $0.id == call.accessKey }) else { throw .accessKeyUnknown }
    if let until = lockedUntil[key.id] {
      if now < until { throw .accessKeyLocked }
      lockedUntil[key.id] = nil
      failures[key.id] = nil
    }
    do throws(Refusal) {
      try Self.verify(call, key, securityToken, now)
      failures[key.id] = nil
    } catch {
      failures[key.id, default: 0] += 1
      if failures[key.id, default: 0] > Self.failuresUntilLock { lockedUntil[key.id] = now + Self.lockSeconds }
      throw error
    }
  }

  /// Forgets locks and failures.
  mutating func unlockAll() {
    failures = [:]
    lockedUntil = [:]
  }

  private static func verify(
    _ call: SignedCall, _ key: SandboxKeys.AccessKey, _ securityToken: String?, _ now: Double
  ) throws(Refusal) {
    guard let seconds = call.seconds else { throw .signatureMalformed }
    guard abs(seconds - now) <= tolerance else {
      throw .signatureExpired(signed: call.date, now: SignatureTime.text(now))
    }
    if let wanted = key.securityToken {
      guard securityToken == wanted, call.signedHeaders.contains("x-security-token") else { throw .securityTokenWrong }
    }
    guard call.isValid(secret: key.secret) else {
      throw .signatureWrong(canonicalRequest: call.canonicalRequest)
    }
  }
}

/// Times as signatures write them.
enum SignatureTime {
  static func text(_ seconds: Double) -> String {
    String(WireTime.text(seconds).prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
  }
}
