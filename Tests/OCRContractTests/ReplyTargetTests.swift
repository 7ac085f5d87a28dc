import Testing

@testable import OCRContract

struct ReplyTargetTests {
  @Test(arguments: [
    ("ocr.reply.a", ReplyTarget.queue("ocr.reply.a")), ("amq.gen-x", .queue("amq.gen-x")),
    ("replies/key", .exchange("replies", routingKey: "key")), ("replies/", .exchange("replies", routingKey: "")),
    ("replies/a/b", .exchange("replies", routingKey: "a/b")), ("a b", .queue("a b")), ("错", .queue("错")),
    ("amq.rabbitmq.reply-to.g1h/2A==.k+/=", .directReplyTo("amq.rabbitmq.reply-to.g1h/2A==.k+/=")),
    ("amq.rabbitmq.reply-toX", .queue("amq.rabbitmq.reply-toX")),
    ("a/\u{301}b", .exchange("a", routingKey: "\u{301}b")),
    (String(repeating: "q", count: 255), .queue(String(repeating: "q", count: 255))),
  ])
  func parses(_ text: String, _ target: ReplyTarget) throws {
    #expect(try ReplyTarget(parsing: text) == target)
  }

  @Test(arguments: [
    ("", ReplyTarget.Invalid.empty), (String(repeating: "q", count: 256), .tooLong),
    (String(repeating: "错", count: 86), .tooLong), ("/key", .emptyExchange), ("/", .emptyExchange),
    ("//", .emptyExchange), ("amq.rabbitmq.reply-to", .bareDirectReplyTo),
    ("amq.rabbitmq.reply-to.", .bareDirectReplyTo),
    ("a\u{0}", .forbiddenCharacter), ("a\n", .forbiddenCharacter), ("a\u{7F}", .forbiddenCharacter),
    ("a\u{85}", .forbiddenCharacter), ("a\u{2028}", .forbiddenCharacter), ("a\u{202E}b", .forbiddenCharacter),
    ("a\u{200B}b", .forbiddenCharacter), ("\u{FEFF}a", .forbiddenCharacter), ("a\u{FFFD}", .forbiddenCharacter),
    ("amq.rabbitmq.reply-to.\u{0}", .forbiddenCharacter), ("x/\u{1B}[31m", .forbiddenCharacter),
    ("a\u{E000}", .forbiddenCharacter),
  ])
  func refuses(_ text: String, _ reason: ReplyTarget.Invalid) {
    let error = #expect(throws: ReplyTarget.Invalid.self) { try ReplyTarget(parsing: text) }
    #expect(error == reason)
  }

  @Test(arguments: [
    "amq.rabbitmq.reply-to.abc", "amq.rabbitmq.reply-to.a/b=", "amq.gen-JzTY20BRgKO-HjmUJj0wLg", "ocr.reply.shop",
    "ocr.reply.shop.1", "ocr.reply.",
  ])
  func defaultPolicyAllows(_ text: String) throws {
    #expect(ReplyPolicy().allows(try ReplyTarget(parsing: text)))
  }

  /// Names that somebody might try in order to write where they must not.
  static let hostile: [String] = [
    "", " ", "\u{0}", "*", "#", "ocr", "ocr.", "ocr.*", "ocr.requests", "ocr.results", "ocr.unroutable",
    "ocr.dead.poison",
    "ocr.dead.*", "ocr.retry.2s", "ocr.retry.1h", "ocr.reply", "ocr.replyx.shop", "ocr.reply*", "Ocr.reply.shop",
    "OCR.REPLY.SHOP", "ocr.repl\u{443}.shop", "\u{43E}cr.reply.shop", "ocr\u{2024}reply.shop", "ocr.reply\u{FF0E}shop",
    " ocr.reply.shop", "\tocr.reply.shop", "xocr.reply.shop", "ocr.reply.shop\u{0}", "ocr.reply.\u{0}ocr.requests",
    "ocr.reply.\r\nocr.requests", "ocr.reply.\u{202E}pohs", "ocr.reply.\u{200B}", "\u{200B}ocr.reply.shop",
    "ocr.reply.\u{FFFD}", "ocr.reply.shop/x", "ocr.reply./", "/ocr.reply.shop", "//ocr.reply.shop", "/",
    "amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.", "amq.rabbitmq.reply-t", "AMQ.rabbitmq.reply-to.abc",
    "amq.rabbitmq.log", "amq.rabbitmq.trace/publish.x", "amq.gen", "amq.genx", "amq.gen/-x", "amq.direct",
    "amq.direct/x",
    "amq.topic/orders", "amq.fanout/", "ocr.requests/general-text", "ocr.retry-in/x", "ocr.retry/2s", "ocr.dead/poison",
    "ocr.unroutable/x", "ocr.results/general-text.ok", "orders", "payments.in", "billing/invoice", "celery",
    "../ocr.reply.shop", "%6fcr.reply.shop", "ocr.reply\\.shop", "ocr/reply.shop", "ocr.r\u{65}\u{301}ply.shop",
    "ocr.reply.shop" + String(repeating: "x", count: 250), String(repeating: "*", count: 255), "{user_id}",
    "ocr..reply.shop", "ocr.requests;ocr.reply.shop", "ocr.requests,ocr.reply.x", "ocr.requests ocr.reply.x",
  ]

  @Test func thereAreEnoughHostileNames() { #expect(Set(Self.hostile).count >= 60) }

  @Test(arguments: hostile)
  func defaultPolicyRefuses(_ text: String) {
    guard let target = try? ReplyTarget(parsing: text) else { return }
    #expect(!ReplyPolicy().allows(target))
  }

  @Test(arguments: [
    "ocr.requests", "ocr.unroutable", "ocr.dead.poison", "ocr.dead.x", "ocr.retry.2s", "ocr.requests/x", "ocr.retry/2s",
    "ocr.retry-in/x", "ocr.dead/poison", "ocr.unroutable/", "ocr.requests.bulk", "ocr.requests.overflow",
    "ocr.requests.bulk/x",
  ])
  func ownNamesAreNeverAllowed(_ text: String) throws {
    #expect(!ReplyPolicy(allowing: ["*", "*/*"]).allows(try ReplyTarget(parsing: text)))
  }

  @Test(arguments: [
    ("*", "any.queue", true), ("*", "ex/key", false), ("*/*", "ex/key", true), ("*/*", "queue", false),
    ("ex/*.ok", "ex/a.b.ok", true), ("ex/*.ok", "ex/a.b.no", false), ("ex/*.ok", "exx/a.ok", false),
    ("e*x/k", "e1x/k", true), ("e*x/k", "e1x/k2", false), ("a*b*c", "axxbyyc", true), ("a*b*c", "acb", false),
    ("q", "q", true), ("q", "Q", false), ("q?", "qa", false), ("", "q", false), ("a.c", "abc", false),
    ("amq.rabbitmq.reply-to.*", "amq.rabbitmq.reply-to.a/b", true),
    ("amq.rabbitmq.*/b", "amq.rabbitmq.reply-to.a/b", false),
    ("ex/", "ex/", true), ("ex/", "ex/k", false), ("**", "x", true),
  ])
  func patterns(_ pattern: String, _ text: String, _ allowed: Bool) throws {
    #expect(ReplyPolicy(allowing: [pattern]).allows(try ReplyTarget(parsing: text)) == allowed)
  }

  @Test func anEmptyListAllowsNothing() throws {
    #expect(!ReplyPolicy(allowing: []).allows(try ReplyTarget(parsing: "ocr.reply.x")))
  }

  @Test(
    arguments: [
      ("ocr.reply.shop.1", "shop", true), ("ocr.reply.shop.1", "sho", false), ("ocr.reply.shop.1", nil, false),
      ("ocr.reply..1", "", false), ("ocr.reply.x.1", "*", false), ("ocr.reply.*.1", "*", true),
    ] as [(String, String?, Bool)])
  func userIDBindsAPattern(_ text: String, _ userID: String?, _ allowed: Bool) throws {
    let policy = ReplyPolicy(allowing: ["ocr.reply.{user_id}.*"])
    #expect(policy.allows(try ReplyTarget(parsing: text), userID: userID) == allowed)
  }

  @Test func manyStarsStayFast() {
    let glob = Glob(String(repeating: "*a", count: 120).utf8)
    #expect(!glob.matches(String(repeating: "a", count: 119) + String(repeating: "b", count: 136), userID: nil))
  }

  @Test func fuzz() {
    let seed = UInt64.random(in: .min ... .max)
    print("reply target fuzz seed \(seed)")
    var random = SeededRandom(seed: seed)
    let corpus = (Self.hostile + ["ocr.reply.shop", "amq.gen-1", "amq.rabbitmq.reply-to.a/b"]).map { Array($0.utf8) }
    let policy = ReplyPolicy()
    for round in 0..<30_000 {
      let text = String(decoding: random.mutate(corpus[round % corpus.count], with: corpus), as: UTF8.self)
      guard let target = try? ReplyTarget(parsing: text) else { continue }
      #expect(text.utf8.count <= 255 && !text.unicodeScalars.contains { $0.value < 0x20 })
      if policy.allows(target) {
        let prefixes = ["ocr.reply.", "amq.gen-", "amq.rabbitmq.reply-to."]
        #expect(prefixes.contains { text.utf8.starts(with: $0.utf8) }, "\(text.debugDescription)")
      }
      switch target {
      case .directReplyTo(let name), .queue(let name): #expect(name == text)
      case .exchange(let exchange, let key):
        #expect(exchange + "/" + key == text)
        #expect(!exchange.isEmpty && !exchange.utf8.contains(UInt8(ascii: "/")))
      }
    }
  }
}
