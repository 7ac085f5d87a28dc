import Testing

@testable import RedisStore

@Suite struct RedisURLTests {
  @Test(arguments: [
    ("redis://h", RedisEndpoint(host: "h")),
    ("redis://h/", RedisEndpoint(host: "h")),
    ("redis://h:7000/3", RedisEndpoint(host: "h", port: 7000, database: 3)),
    ("rediss://h", RedisEndpoint(host: "h", usesTLS: true)),
    ("redis://:p@h", RedisEndpoint(host: "h", password: "p")),
    ("redis://u:p%40%2F@h", RedisEndpoint(host: "h", user: "u", password: "p@/")),
    ("redis://u@h", RedisEndpoint(host: "h", user: "u")),
    ("redis://[::1]:7000", RedisEndpoint(host: "::1", port: 7000)),
    ("redis://[::1]", RedisEndpoint(host: "::1")),
  ])
  func addressesAreRead(_ text: String, _ endpoint: RedisEndpoint) throws {
    #expect(try RedisURL.parse(text) == endpoint)
  }

  @Test(arguments: [
    "", "h", "http://h", "redis:/h", "redis://", "redis://:6379", "redis://h:0", "redis://h:65536", "redis://h:x",
    "redis://h/x", "redis://h/-1", "redis://h/1/2", "redis://h?db=1", "redis://[::1", "redis://[::1]x",
    "redis://u:hidden%@h", "redis://u:hidden%zz@h", "redis://u:hidden%ff@h", "redis://u:hid/den@h", "redis://a b",
    "redis://h1,h2", "redis://u:hid?den@h", "redis://u:hid@den@h",
  ])
  func everythingElseIsRefusedWithoutThePassword(_ text: String) {
    #expect {
      try RedisURL.parse(text)
    } throws: { error in
      let text = "\(error)"
      return error is RedisURL.Problem && !text.isEmpty && !text.contains("hid") && !text.contains("den")
    }
  }

  @Test func noWayOfPrintingShowsThePassword() throws {
    let endpoint = try RedisURL.parse("rediss://user:hidden@h:1/2")
    var dumped = ""
    dump(endpoint, to: &dumped)
    for text in ["\(endpoint)", String(reflecting: endpoint), dumped] { #expect(!text.contains("hidden")) }
    #expect("\(endpoint)" == "rediss://h:1/2")
  }
}
