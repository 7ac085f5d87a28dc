import Testing

@testable import AMQP

@Suite struct AMQPURLTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var url: String
    var host = "h"
    var port = 5_672
    var user = "guest"
    var password = "guest"
    var virtualHost = "/"
    var usesTLS = false

    var testDescription: String { url }
  }

  @Test(arguments: [
    Example(url: "amqp://h"),
    Example(url: "amqp://h/"),
    Example(url: "amqp://h/%2f"),
    Example(url: "amqp://h/%2F"),
    Example(url: "amqps://h", port: 5_671, usesTLS: true),
    Example(url: "amqp://h:1/ocr", port: 1, virtualHost: "ocr"),
    Example(url: "amqp://h:65535", port: 65_535),
    Example(url: "amqp://u:p@h/v", user: "u", password: "p", virtualHost: "v"),
    Example(url: "amqp://u@h", user: "u", password: ""),
    Example(url: "amqp://u:@h", user: "u", password: ""),
    Example(url: "amqp://u:p@ss:word@h", user: "u", password: "p@ss:word"),
    Example(url: "amqp://%75:%40%2F%3a%25@h", user: "u", password: "@/:%"),
    Example(url: "amqp://u:%E6%96%87@h/%E5%AD%97", user: "u", password: "文", virtualHost: "字"),
    Example(url: "amqp://h/%3F%23%40%2Fv", virtualHost: "?#@/v"),
    Example(url: "amqp://[::1]", host: "::1"),
    Example(
      url: "amqps://u:p@[2001:db8::7]:99/v", host: "2001:db8::7", port: 99, user: "u", password: "p",
      virtualHost: "v", usesTLS: true),
  ])
  func reads(example: Example) throws {
    let endpoints = try AMQPURL.parse(example.url)
    #expect(
      endpoints == [
        BrokerEndpoint(
          host: example.host, port: example.port, user: example.user, password: example.password,
          virtualHost: example.virtualHost, usesTLS: example.usesTLS)
      ])
  }

  @Test func severalHostsShareTheRest() throws {
    let endpoints = try AMQPURL.parse("amqps://u:p@a,b:7000,[::1]:8000/v")
    #expect(endpoints.map(\.host) == ["a", "b", "::1"])
    #expect(endpoints.map(\.port) == [5_671, 7_000, 8_000])
    #expect(endpoints.map(\.description) == ["amqps://a:5671/v", "amqps://b:7000/v", "amqps://[::1]:8000/v"])
    #expect(endpoints.allSatisfy { $0.user == "u" && $0.password == "p" && $0.virtualHost == "v" && $0.usesTLS })
  }

  @Test(arguments: [
    "", "h", "http://h", "amqp:/h", "amqp://", "amqp:///v", "amqp://u:SECRET@", "amqp://u:SECRET@/v",
    "amqp://u:SECRET@h:", "amqp://u:SECRET@h:0", "amqp://u:SECRET@h:65536", "amqp://u:SECRET@h:x",
    "amqp://u:SECRET@h:99999999999999999999", "amqp://u:SECRET@a,,b", "amqp://u:SECRET%@h", "amqp://u:SECRET%2@h",
    "amqp://u:SECRET%zz@h", "amqp://u:SECRET%ff@h", "amqp://u:SECRET@h/%", "amqp://u:SECRET@h/%ff",
    "amqp://%:SECRET@h", "amqp://u:SECRET@[::1", "amqp://u:SECRET@::1", "amqp://u:SECRET@[]", "amqp://u:SECRET@[::1]x",
    "amqp://u:SEC/RET@h", "amqp://u:1/SECRET@h", "amqp://u:SECRET@h/v?heartbeat=5", "amqp://u:SECRET@h/v#x",
    "amqp://u:SECRET@h?heartbeat=5", "amqp://u:SECRET@h h", "amqp://u:SECRET@h/" + String(repeating: "v", count: 256),
  ])
  func refusesWithoutTellingThePassword(url: String) {
    do {
      let endpoints = try AMQPURL.parse(url)
      Issue.record("accepted as \(endpoints)")
    } catch {
      #expect(!error.description.contains("SEC") && !error.description.contains("RET"))
      #expect(!error.description.contains("\n"))
    }
  }

  @Test func anEndpointPrintsNoPassword() throws {
    let endpoint = try #require(try AMQPURL.parse("amqp://u:SECRET@h/v").first)
    for text in ["\(endpoint)", endpoint.debugDescription, String(reflecting: endpoint), "\([endpoint])"] {
      #expect(!text.contains("SECRET"))
      #expect(text.contains("amqp://h:5672/v"))
    }
    var dumped = ""
    dump(endpoint, to: &dumped)
    #expect(!dumped.contains("SECRET"))
  }
}
