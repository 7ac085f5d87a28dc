internal import RelayCore

/// A secret that may be replaced while the relay runs.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class LiveSecret {
  /// The secret now.
  var value: Secret

  init(_ value: Secret) {
    self.value = value
  }

  /// Twelve bits that tell one secret from the next: enough to notice a change, and of no use to whoever guesses.
  static func tag(_ parts: [Secret]) -> UInt16 {
    let hash = ContentHash()
    for part in parts {
      hash.update(part.reveal())
      hash.update("\u{0}")
    }
    return UInt16(truncatingIfNeeded: hash.finishNumbers().high) & 0xFFF
  }
}
