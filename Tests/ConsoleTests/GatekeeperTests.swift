import Testing

@testable import Console

struct GatekeeperTests {
  private static let operateToken = "operate-token-0123456789"
  private static let readToken = "read-token-0123456789"

  private func gatekeeper(_ change: (inout ConsoleOptions) -> Void = { _ in }) -> Gatekeeper {
    var options = ConsoleOptions(brokers: [], stateFolder: "")
    options.operateToken = Self.operateToken
    options.readToken = Self.readToken
    change(&options)
    return Gatekeeper(options)
  }

  private func request(_ headers: [String: String], form: String = "", peer: String = "192.0.2.1") -> ConsoleRequest {
    var headers = headers.mapValues { [$0] }
    headers["host"] = ["console.example.com"]
    headers["content-type"] = ["application/x-www-form-urlencoded"]
    return ConsoleRequest(method: "POST", path: "/", headers: headers, body: Array(form.utf8), peer: peer)
  }

  private func session(_ gatekeeper: inout Gatekeeper, token: String) throws -> (Identity, cookie: String) {
    guard case .begun(let identity, let cookie) = gatekeeper.logIn(token: token, name: "Mei", request([:]), now: 0)
    else { throw Failure() }
    return (identity, String(cookie.prefix { $0 != ";" }))
  }

  private struct Failure: Error {}

  @Test func tokensGiveRoles() {
    var gatekeeper = gatekeeper()
    for (token, role) in [(Self.operateToken, Role.operate), (Self.readToken, .read)] {
      let identity = gatekeeper.identity(of: request(["authorization": "Bearer " + token]), now: 0)
      #expect(identity == Identity(name: "token", role: role, proof: .bearer))
    }
    for text in ["Bearer wrong", "Bearer ", "Basic " + Self.readToken, Self.readToken] {
      #expect(gatekeeper.identity(of: request(["authorization": text]), now: 0) == nil)
    }
  }

  @Test func withoutTokensNobodyComesIn() {
    var gatekeeper = gatekeeper {
      $0.operateToken = nil
      $0.readToken = nil
    }
    #expect(gatekeeper.identity(of: request(["authorization": "Bearer "]), now: 0) == nil)
    #expect(gatekeeper.logIn(token: "", name: "", request([:]), now: 0) == .wrong)
  }

  @Test func sessionsBeginAndEnd() throws {
    var gatekeeper = gatekeeper()
    let (identity, cookie) = try session(&gatekeeper, token: Self.readToken)
    #expect(identity.role == .read)
    #expect(gatekeeper.identity(of: request(["cookie": "a=b; " + cookie]), now: 1) == identity)
    #expect(gatekeeper.identity(of: request(["cookie": cookie + "; " + cookie]), now: 1) == nil)
    #expect(gatekeeper.identity(of: request(["cookie": cookie.dropLast() + "x"]), now: 1) == nil)
    #expect(gatekeeper.identity(of: request(["cookie": cookie]), now: 12 * 3_600_000) == nil)
    let deletion = gatekeeper.logOut(identity)
    #expect(deletion.contains("Max-Age=0"))
    #expect(gatekeeper.identity(of: request(["cookie": cookie]), now: 1) == nil)
  }

  @Test func cookiesAreForThisSiteAlone() throws {
    var plain = gatekeeper()
    guard case .begun(_, let cookie) = plain.logIn(token: Self.readToken, name: "", request([:]), now: 0) else {
      throw Failure()
    }
    #expect(cookie.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"))
    var encrypted = gatekeeper { $0.publicURL = "https://console.example.com" }
    guard case .begun(_, let secure) = encrypted.logIn(token: Self.readToken, name: "", request([:]), now: 0) else {
      throw Failure()
    }
    #expect(secure.hasSuffix("; Secure"))
  }

  @Test func wrongTokensWait() {
    var gatekeeper = gatekeeper()
    for _ in 0..<10 { #expect(gatekeeper.logIn(token: "wrong", name: "", request([:]), now: 0) == .wrong) }
    #expect(gatekeeper.logIn(token: Self.readToken, name: "", request([:]), now: 1) == .tooMany)
    #expect(gatekeeper.identity(of: request(["authorization": "Bearer " + Self.readToken]), now: 1) == nil)
    let other = request(["authorization": "Bearer " + Self.readToken], peer: "192.0.2.2")
    #expect(gatekeeper.identity(of: other, now: 1) != nil)
    #expect(gatekeeper.identity(of: request(["authorization": "Bearer " + Self.readToken]), now: 300_001) != nil)
  }

  @Test func onlyTrustedProxiesAreBelieved() throws {
    var gatekeeper = gatekeeper {
      $0.trustedProxies = [AddressRange("10.0.0.0/8"), AddressRange("::1")].compactMap { $0 }
      $0.operators = ["mei"]
    }
    func identity(_ user: String, _ peer: String) -> Identity? {
      gatekeeper.identity(of: request(["x-forwarded-user": user], peer: peer), now: 0)
    }
    #expect(identity("mei", "10.1.2.3") == Identity(name: "mei", role: .operate, proof: .proxy))
    #expect(identity("jan", "::1") == Identity(name: "jan", role: .read, proof: .proxy))
    #expect(identity("mei", "::ffff:10.1.2.3")?.role == .operate)
    #expect(identity("mei", "11.1.2.3") == nil)
    #expect(identity("mei", "nonsense") == nil)
    #expect(identity("", "10.1.2.3") == nil)
    var twice = request([:], peer: "10.1.2.3")
    twice.headers["x-forwarded-user"] = ["jan", "mei"]
    #expect(gatekeeper.identity(of: twice, now: 0) == nil)
  }

  @Test func actionsNeedOriginAndToken() throws {
    var gatekeeper = gatekeeper()
    let (identity, _) = try session(&gatekeeper, token: Self.operateToken)
    let (other, _) = try session(&gatekeeper, token: Self.operateToken)
    let token = gatekeeper.csrfToken(for: identity)
    let own = "https://console.example.com"
    #expect(gatekeeper.isMeant(request(["origin": own], form: "csrf=" + token), by: identity))
    #expect(gatekeeper.isMeant(request(["origin": "http://console.example.com"], form: "csrf=" + token), by: identity))
    #expect(!gatekeeper.isMeant(request([:], form: "csrf=" + token), by: identity))
    for origin in ["null", "https://evil.example", "https://console.example.com.evil.example", own + ":444"] {
      #expect(!gatekeeper.isMeant(request(["origin": origin], form: "csrf=" + token), by: identity))
    }
    for form in ["", "csrf=", "csrf=" + gatekeeper.csrfToken(for: other), "csrf=\(token)&csrf=\(token)"] {
      #expect(!gatekeeper.isMeant(request(["origin": own], form: form), by: identity))
    }
  }

  @Test func aPublicAddressIsTheOnlyOrigin() throws {
    var gatekeeper = gatekeeper { $0.publicURL = "https://ocr.example.com" }
    let (identity, _) = try session(&gatekeeper, token: Self.operateToken)
    let form = "csrf=" + gatekeeper.csrfToken(for: identity)
    #expect(gatekeeper.isMeant(request(["origin": "https://ocr.example.com"], form: form), by: identity))
    #expect(!gatekeeper.isMeant(request(["origin": "https://console.example.com"], form: form), by: identity))
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.128/25", "192.0.2.200", true),
    ("192.0.2.128/25", "192.0.2.100", false), ("0.0.0.0/0", "1.2.3.4", true), ("fd00::/8", "fdff::1", true),
    ("fd00::/8", "fe00::1", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "::1", false),
  ])
  func rangesHoldAddresses(_ range: String, _ address: String, _ isInside: Bool) throws {
    #expect(try #require(AddressRange(range)).contains(address) == isInside)
  }

  @Test(arguments: ["", "/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0", "fd00::/129", "name", "10.0.0.0/8/8", "1.2.3.4/x"])
  func otherTextsAreNoRanges(_ text: String) {
    #expect(AddressRange(text) == nil)
  }
}
