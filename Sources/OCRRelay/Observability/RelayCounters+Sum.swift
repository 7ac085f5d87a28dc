internal import OCRContract
internal import Telemetry

extension RelayCounters {
  /// Adds what another loop of the same process has done.
  mutating func add(_ other: RelayCounters) {
    for number in Self.numbers { self[keyPath: number] += other[keyPath: number] }
    callsByAPI.merge(other.callsByAPI, uniquingKeysWith: +)
    callFailures.merge(other.callFailures, uniquingKeysWith: +)
    requestFailures.merge(other.requestFailures, uniquingKeysWith: +)
    callTime.add(other.callTime)
    requestTime.add(other.requestTime)
  }

  /// Every counter that is a plain number.
  static let numbers: [any WritableKeyPath<RelayCounters, Int> & Sendable] = [
    \.deliveries, \.results, \.reusedResults, \.errors, \.retries, \.setAside, \.deadLetters, \.unroutable, \.calls,
    \.throttled, \.acknowledged, \.lost, \.requestersGone, \.refusedPublishes, \.gateClosings,
  ]
}

extension CredentialCounters {
  /// Adds what became of the credential on another loop of the same process.
  mutating func add(_ other: CredentialCounters) {
    for number in Self.numbers { self[keyPath: number] += other[keyPath: number] }
  }

  /// Every counter.
  static let numbers: [any WritableKeyPath<CredentialCounters, Int> & Sendable] = [
    \.logins, \.obtained, \.shared, \.refusedTokens, \.refusedLogins, \.failedLogins, \.locks, \.blockedLogins,
    \.rotations, \.storeFailures,
  ]
}
