import RelayCore
import Testing

/// Records under random operations, clocks and bytes.
struct TokenRecordRandomTests {
  @Test func randomOperationsKeepTheRules() {
    let seed = CheckRandom.seed("TokenRecord")
    var random = CheckRandom(seed: seed)
    for _ in 0..<40 {
      var record = TokenRecord()
      var now: Int64 = 1_000_000
      var newest: UInt64 = 0
      var lastGrant: (at: Int64, lease: UInt64)?
      for _ in 0..<200 {
        now += Int64.random(in: 0...60_000, using: &random)
        let operation = Self.operation(upTo: newest + 3, &random)
        let reply = record.apply(operation, now: now)
        let generation = reply.token?.generation ?? 0
        #expect(generation >= newest, "seed \(seed): \(operation)")
        newest = generation
        if case .granted(let lease) = reply.verdict {
          #expect(lease > newest, "seed \(seed): a lease must be new")
          if let last = lastGrant { #expect(now - last.at >= 30_000, "seed \(seed): two at a time") }
          lastGrant = (now, lease)
        }
        if let last = lastGrant, Self.ends(last.lease, operation) { lastGrant = nil }
        #expect(TokenRecord(bytes: record.bytes()) == record, "seed \(seed): \(operation)")
      }
    }
  }

  @Test func randomBytesNeverTrap() {
    let seed = CheckRandom.seed("TokenRecord bytes")
    var random = CheckRandom(seed: seed)
    var record = TokenRecord()
    _ = record.apply(.claim(LoginClaim()), now: 5)
    _ = record.apply(.save(lease: 1, Self.contents(&random), age: .zero), now: 6)
    _ = record.apply(.claim(LoginClaim(newerThan: 1)), now: 7)
    _ = record.apply(.fail(lease: 2, .locked(wait: .seconds(3)), secretTag: 3), now: 8)
    let bytes = record.bytes()
    for _ in 0..<5_000 {
      var spoilt = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<spoilt.count, using: &random)
        if Bool.random(using: &random) {
          spoilt[place] = UInt8.random(in: 0x20...0x7E, using: &random)
        } else if spoilt[place] >= 0x30, spoilt[place] <= 0x39 {
          spoilt.insert(contentsOf: "98765432109876543".utf8, at: place)
        }
      }
      guard var read = TokenRecord(bytes: spoilt) else { continue }
      for now in [Int64.min, -1, 0, 9, .max] {
        _ = read.apply(Self.operation(upTo: .max, &random), now: now)
        _ = read.apply(.claim(LoginClaim(newerThan: .max)), now: now)
      }
      _ = read.bytes()
    }
  }

  private static func operation(upTo number: UInt64, _ random: inout CheckRandom) -> TokenOperation {
    let lease = UInt64.random(in: 0...number, using: &random)
    let tag = UInt16.random(in: 0...1, using: &random)
    let wait = Duration.seconds(Int.random(in: 0...900, using: &random))
    return switch Int.random(in: 0..<9, using: &random) {
    case 0: .load
    case 1...3: .claim(LoginClaim(newerThan: lease, secretTag: tag))
    case 4, 5: .save(lease: lease, contents(&random), age: .milliseconds(Int.random(in: 0...9_000, using: &random)))
    case 6: .fail(lease: lease, .passing, secretTag: tag)
    case 7:
      .fail(lease: lease, Bool.random(using: &random) ? .refused(wait: wait) : .locked(wait: wait), secretTag: tag)
    default: .invalidate(generation: lease, worked: Bool.random(using: &random))
    }
  }

  private static func contents(_ random: inout CheckRandom) -> TokenContents {
    TokenContents(
      text: Secret("t\(random.next())"), refreshText: Bool.random(using: &random) ? Secret("r\u{1}\"") : nil,
      projectID: Bool.random(using: &random) ? "p" : nil,
      lifetime: .seconds(Int.random(in: 1...86_400, using: &random)))
  }

  private static func ends(_ lease: UInt64, _ operation: TokenOperation) -> Bool {
    switch operation {
    case .save(let number, _, _), .fail(let number, _, _): number == lease
    case .load, .claim, .invalidate: false
    }
  }
}
