/// The logins of one life of a relay.
struct LoginBook {
  /// The span in which no more than three logins may be refused, in milliseconds: 16 minutes.
  static let span = 960_000

  private(set) var isUnderWay = false
  private var starts: [Int] = []
  private var refusals: [Int] = []

  mutating func begins(_ audit: Audit) {
    audit.expect(!isUnderWay, .loginsBounded, "a second login while one is under way")
    isUnderWay = true
    audit.counts.logins += 1
    starts.removeAll { $0 <= audit.now - Self.span }
    starts.append(audit.now)
    audit.counts.mostLogins = max(audit.counts.mostLogins, starts.count)
  }

  mutating func ends(isRefused: Bool, _ audit: Audit) {
    isUnderWay = false
    guard isRefused else { return }
    refusals.append(audit.now)
    let recent = refusals.filter { $0 > audit.now - Self.span }.count
    audit.expect(recent <= 3, .loginsBounded, "\(recent) refused logins within 16 minutes")
  }
}
