import ArgumentParser
import Glibc
import OCRSandbox

@main
struct OCRSandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ocr-sandbox",
    abstract: "A stand-in for Huawei Cloud OCR and IAM on one port, for people without an account and for tests.",
    discussion: """
      It speaks the paths, headers, tokens and error bodies of the real services, reads pictures with Tesseract \
      (English and simplified Chinese), and makes things go wrong on request:

        curl -X POST localhost:8090/sandbox/faults -d '{"kind":"status","status":503,"code":"ModelArts.4403","times":3}'
        curl -X DELETE localhost:8090/sandbox/faults
        curl localhost:8090/sandbox/ledger/summary

      Kinds of faults: status, delay, hang, reset, truncate, invalid_json, html, throttle, expire_token, revoke_token.
      Other members: target (ocr, iam), api, times, share with seed, when (before, after), delay_ms, code, message,
      headers, limit, window_s, policy. More control: PUT and DELETE /sandbox/limit, POST /sandbox/tokens/revoke,
      POST /sandbox/tokens/expire, POST /sandbox/accounts/unlock, GET and DELETE /sandbox/ledger.

      Beside tokens of users it takes signatures of access keys (SANDBOX_ACCESS_KEY, SANDBOX_SECRET_KEY,
      SANDBOX_SECURITY_TOKEN), logins of applications (SANDBOX_APP_ID, SANDBOX_APP_SECRET; each login ends the token
      before) and bearer keys (SANDBOX_BEARER_KEY). All have made-up defaults.

      PDF, OFD, ICO, PCX and PSD are accepted where the API takes them but cannot be read: the answer is AIS.0105.
      custom-template knows the ids sandbox-template and sandbox-classifier.
      """)

  @Option(help: ArgumentHelp("Address and port to listen on; port 0 takes a free one.", valueName: "host:port"))
  var listen = "127.0.0.1:8090"

  @Option(
    name: .customLong("user"),
    help: ArgumentHelp(
      "A user that may log in; may be given more than once. Everybody on this machine can read it: prefer SANDBOX_USERNAME, SANDBOX_PASSWORD and SANDBOX_DOMAIN_NAME.",
      valueName: "name:password:domain"))
  var users: [String] = []

  @Option(help: "Id of the project that tokens belong to.")
  var projectID = Account.defaultProjectID

  @Option(help: "Region, which is the name of the project.")
  var region = "cn-north-4"

  @Option(help: "How long a token lives.")
  var tokenLifetimeSeconds = 86_400.0

  @Option(help: ArgumentHelp("How far the sandbox's clock is ahead of this machine's, for dates of signatures."))
  var clockOffsetSeconds = 0.0

  @Option(help: ArgumentHelp("A rate limit from the start, such as 30/10s or fixed:100/1m.", valueName: "n/time"))
  var limit: String?

  @Option(help: "How many OCR calls may run at once before ModelArts.4401.")
  var maxConcurrent: Int?

  @Option(help: "Number of Tesseract engines; each uses one core and about 100 MB.")
  var engines = 1

  @Flag(help: "Answer without reading the picture; every rule still holds. For load tests.")
  var instant = false

  @Flag(help: "Fetch documents named by url, from this machine only.")
  var allowLoopbackUrls = false

  @Flag(help: "Open the control endpoints to other machines.")
  var allowRemoteControl = false

  @Flag(help: "Print what is extracted for each API, and stop.")
  var list = false

  func run() async throws {
    if list {
      print(try SandboxListing.text(), terminator: "")
      return
    }
    signal(SIGPIPE, SIG_IGN)
    let server = try await SandboxServer(configuration(), stopsOnSignals: true)
    print("ocr-sandbox listening on \(server.baseURL)")
    fflush(nil)
    try await server.waitUntilStopped()
  }

  private func configuration() throws -> SandboxConfiguration {
    var configuration = SandboxConfiguration()
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65_535).contains(port), colon != listen.startIndex
    else { throw ValidationError("--listen wants host:port, such as 127.0.0.1:8090") }
    configuration.host = listen[..<colon].filter { $0 != "[" && $0 != "]" }
    configuration.port = port
    configuration.accounts = try accounts()
    configuration.keys = Self.keys()
    configuration.tokenLifetimeSeconds = tokenLifetimeSeconds
    if clockOffsetSeconds != 0 {
      let (now, offset) = (configuration.now, clockOffsetSeconds)
      configuration.now = { now() + offset }
    }
    if let limit {
      guard let parsed = RateLimit(limit) else { throw ValidationError("--limit wants calls/time, such as 30/10s") }
      configuration.limit = parsed
    }
    configuration.concurrencyLimit = maxConcurrent
    configuration.engines = engines
    configuration.isInstant = instant
    configuration.allowsLoopbackURLs = allowLoopbackUrls
    configuration.allowsRemoteControl = allowRemoteControl
    return configuration
  }

  private func accounts() throws -> [Account] {
    if users.isEmpty {
      return [
        Account(
          user: Self.environment("SANDBOX_USERNAME") ?? "demo",
          password: Self.environment("SANDBOX_PASSWORD") ?? "demo-password",
          domain: Self.environment("SANDBOX_DOMAIN_NAME") ?? "demo", projectID: projectID, region: region)
      ]
    }
    return try users.map { text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3, !parts.contains("") else { throw ValidationError("--user wants name:password:domain") }
      return Account(user: parts[0], password: parts[1], domain: parts[2], projectID: projectID, region: region)
    }
  }

  private static func keys() -> SandboxKeys {
    var keys = SandboxKeys()
    if let id = environment("SANDBOX_ACCESS_KEY"), let secret = environment("SANDBOX_SECRET_KEY") {
      let token = environment("SANDBOX_SECURITY_TOKEN")
      keys.accessKeys = [SandboxKeys.AccessKey(id: id, secret: secret, securityToken: token)]
    }
    if let id = environment("SANDBOX_APP_ID"), let secret = environment("SANDBOX_APP_SECRET") {
      keys.applications = [SandboxKeys.Application(id: id, secret: secret)]
    }
    if let key = environment("SANDBOX_BEARER_KEY") { keys.bearerKeys = [key] }
    return keys
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }
}
