import TestSupport
import Testing

@testable import Console

/// The site without sockets. Its broker cannot be reached, so nothing can be done; who is let that far is the question.
struct ConsoleSiteTests {
  private static let operateToken = "operate-token-0123456789"
  private static let readToken = "read-token-0123456789"
  private static let letter = String(repeating: "0", count: 32)

  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func site() throws -> ConsoleSite {
    var options = ConsoleOptions(brokers: ["amqp://127.0.0.1:1"], stateFolder: folder.path("state"))
    options.operateToken = Self.operateToken
    options.readToken = Self.readToken
    let office = try LetterOffice(options)
    let audit = try AuditLog(path: folder.path("audit.jsonl"))
    return ConsoleSite(options, live: LiveView(options), office: office, audit: audit)
  }

  private func request(
    _ method: String, _ path: String, token: String? = nil, form: String? = nil, headers: [String: String] = [:]
  ) -> ConsoleRequest {
    let parts = path.split(separator: "?", maxSplits: 1)
    var all = headers.mapValues { [$0] }
    all["host"] = ["console.example.com"]
    if let token { all["authorization"] = ["Bearer " + token] }
    if form != nil { all["content-type"] = ["application/x-www-form-urlencoded"] }
    return ConsoleRequest(
      method: method, path: String(parts[0]), query: FormValues(parts.count == 2 ? parts[1] : "") ?? FormValues(),
      headers: all, body: Array((form ?? "").utf8), peer: "192.0.2.1")
  }

  private func text(_ response: ConsoleResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  private static let pages = [
    "/", "/causes", "/letters", "/jobs", "/audit", "/replay?all=yes", "/park", "/purge", "/letters/" + letter,
    "/letters/\(letter)/picture", "/letters/\(letter)/file", "/jobs/20260102-030405-00000000", "/nothing",
  ]
  private static let actions = [
    "/replay", "/park", "/purge", "/jobs/20260102-030405-00000000/resume", "/jobs/20260102-030405-00000000/stop",
  ]
  private static let form = "place=dead&all=yes&canaries=1&rate=1&stop_after=1&count=1"

  @Test(arguments: pages) func strangersAreSentToTheLogin(_ path: String) async throws {
    let response = try await site().respond(to: request("GET", path))
    #expect(response.status == 303)
    #expect(response.headers.contains { $0 == ("Location", "/login") })
    #expect(response.body.isEmpty)
  }

  @Test(arguments: actions + ["/look", "/logout"]) func strangersDoNothing(_ path: String) async throws {
    #expect(try await site().respond(to: request("POST", path, form: Self.form)).status == 401)
  }

  @Test(arguments: actions) func readersDoNothing(_ path: String) async throws {
    let response = try await site().respond(to: request("POST", path, token: Self.readToken, form: Self.form))
    #expect(response.status == 403)
    #expect(text(response).contains("You may look"))
  }

  @Test(arguments: actions.dropLast()) func operatorsGetAsFarAsTheBroker(_ path: String) async throws {
    let response = try await site().respond(to: request("POST", path, token: Self.operateToken, form: Self.form))
    // A job begins and will fail, or the broker is asked first, or there is no such plan.
    #expect([303, 404, 409].contains(response.status))
  }

  @Test(arguments: ["/", "/jobs", "/audit", "/causes", "/letters"]) func readersSeePages(_ path: String) async throws {
    let response = try await site().respond(to: request("GET", path, token: Self.readToken))
    #expect(response.status == 200)
    #expect(text(response).hasPrefix("<!DOCTYPE html>"))
    #expect(!text(response).contains("style=\""))
  }

  @Test(arguments: ["/purge?all=yes", "/replay", "/park"]) func readersAreNotAsked(_ path: String) async throws {
    #expect(try await site().respond(to: request("GET", path, token: Self.readToken)).status == 403)
  }

  @Test(arguments: ["/nothing", "/letters/x", "/jobs/x", "/letters?place=both", "/letters?code=NONE", "/a/b/c/d"])
  func otherPathsAreNotThere(_ path: String) async throws {
    #expect(try await site().respond(to: request("GET", path, token: Self.operateToken)).status == 404)
  }

  @Test(arguments: ["PUT", "DELETE", "OPTIONS", "TRACE", "get"]) func otherMethodsDoNothing(_ method: String)
    async throws
  {
    #expect(try await site().respond(to: request(method, "/purge", token: Self.operateToken)).status == 405)
  }

  @Test(arguments: ["/login", "/style.css", "/script.js", "/icon.svg", "/healthz", "/", "/nothing"])
  func everyAnswerProtectsTheBrowser(_ path: String) async throws {
    let response = try await site().respond(to: request("GET", path))
    let headers = Dictionary(response.headers.map { ($0.name, $0.value) }) { first, _ in first }
    #expect(
      headers["Content-Security-Policy"]?.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'") == true)
    #expect(headers["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
    #expect(headers["X-Content-Type-Options"] == "nosniff")
    #expect(headers["Referrer-Policy"] == "same-origin")
    #expect(headers["Cache-Control"] != nil)
  }

  @Test func sessionsActOnlyFromOurPages() async throws {
    let site = try site()
    let origin = ["origin": "https://console.example.com"]
    let login = await site.respond(
      to: request("POST", "/login", form: "token=\(Self.operateToken)&name=Mei", headers: origin))
    #expect(login.status == 303)
    let set = try #require(login.headers.first { $0.name == "Set-Cookie" }?.value)
    let cookie = ["cookie": String(set.prefix { $0 != ";" })]
    let page = text(await site.respond(to: request("GET", "/jobs", headers: cookie)))
    #expect(page.contains("<b>Mei</b>"))
    let token = try #require(page.firstMatch(of: /name="csrf" value="([0-9a-f]{64})"/)).1
    let both = cookie.merging(origin) { $1 }
    let forged = await site.respond(to: request("POST", "/logout", form: "csrf=x", headers: both))
    #expect(forged.status == 403)
    let foreign = await site.respond(to: request("POST", "/logout", form: "csrf=\(token)", headers: cookie))
    #expect(foreign.status == 403)
    let meant = await site.respond(to: request("POST", "/logout", form: "csrf=\(token)", headers: both))
    #expect(meant.status == 303)
    let later = await site.respond(to: request("GET", "/jobs", headers: cookie))
    #expect(later.status == 303)
  }

  @Test func everyAttemptIsWrittenDown() async throws {
    let site = try site()
    _ = await site.respond(to: request("POST", "/park", token: Self.readToken, form: Self.form))
    let login = request("POST", "/login", form: "token=wrong", headers: ["origin": "http://console.example.com"])
    _ = await site.respond(to: login)
    let audit = text(await site.respond(to: request("GET", "/audit", token: Self.readToken)))
    #expect(audit.contains("refused: may only read"))
    #expect(audit.contains("wrong token"))
    #expect(audit.contains("192.0.2.1"))
    #expect(!audit.contains("park</td><td>wrong"))
  }

  @Test func formsThatNoPageSendsAreRefused() async throws {
    let site = try site()
    for form in [
      "", "place=dead", "all=yes&canaries=-1&rate=1&stop_after=1", "all=yes&canaries=1&rate=0&stop_after=1",
      "all=yes&canaries=1&rate=1", "all=yes&canaries=1&rate=99999&stop_after=1",
      "code=NOPE&canaries=1&rate=1&stop_after=1",
      "letter=x&canaries=1&rate=1&stop_after=1", "place=both&all=yes&canaries=1&rate=1&stop_after=1",
    ] {
      let response = await site.respond(to: request("POST", "/replay", token: Self.operateToken, form: form))
      #expect(response.status == 400 || response.status == 403, "\(form)")
    }
  }

  @Test func pagesSpeakTwoLanguages() async throws {
    let site = try site()
    let chinese = await site.respond(
      to: request(
        "GET", "/jobs", token: Self.readToken, headers: ["accept-language": "fr;q=0.9, zh-CN;q=0.8, en;q=0.5"]))
    #expect(text(chinese).contains("lang=\"zh-Hans\""))
    let english = await site.respond(to: request("GET", "/jobs", token: Self.readToken))
    #expect(text(english).contains("lang=\"en\""))
    let chosen = await site.respond(to: request("GET", "/jobs?language=zh", token: Self.readToken))
    #expect(text(chosen).contains("任务"))
    #expect(chosen.headers.contains { $0.name == "Set-Cookie" && $0.value.hasPrefix("ocr_console_language=zh;") })
  }
}
