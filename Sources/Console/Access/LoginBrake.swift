/// Slows down whoever tries tokens: a few wrong ones from an address, and it has to wait.
struct LoginBrake: Sendable {
  /// Wrong tokens that an address has free.
  static let freeFailures = 10
  /// How long they count, in milliseconds.
  static let memory: Int64 = 300_000
  /// Addresses that are told apart; further ones share one count.
  static let mostAddresses = 1_000

  private struct Entry: Sendable {
    var failures: Int
    var forgottenAt: Int64
  }

  private var entries: [String: Entry] = [:]

  /// Whether an address may try. `now` is in milliseconds since 1970.
  func allows(_ address: String, now: Int64) -> Bool {
    guard let entry = entries[key(address)], entry.forgottenAt > now else { return true }
    return entry.failures < Self.freeFailures
  }

  /// A token was wrong.
  mutating func failed(_ address: String, now: Int64) {
    entries = entries.filter { $0.value.forgottenAt > now }
    entries[key(address), default: Entry(failures: 0, forgottenAt: now + Self.memory)].failures += 1
  }

  private func key(_ address: String) -> String {
    entries[address] != nil || entries.count < Self.mostAddresses ? address : ""
  }
}
