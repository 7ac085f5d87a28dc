import Foundation
import RelayCore
import Testing

@testable import OCRRelay

@Suite struct ConfigurationEnvironmentTests {
  private func load(_ environment: [String: String]) throws -> RelayConfiguration {
    try RelayConfiguration.load(file: nil, environment: environment.merging(credentials) { own, _ in own })
      .configuration
  }

  private func problems(_ environment: [String: String]) -> [String] {
    do throws(ConfigurationError) {
      _ = try RelayConfiguration.load(file: nil, environment: environment.merging(credentials) { own, _ in own })
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  /// Tools outside this repository set these variables; their names must not change.
  @Test func theVariablesOfOtherToolsWork() throws {
    let read = try load([
      "OCR_RELAY_AMQP_URL": "amqp://u:p@127.0.0.1:5673/vh", "OCR_RELAY_AMQP_QUEUE": "q",
      "OCR_RELAY_AMQP_PREFETCH": "250", "OCR_RELAY_AMQP_TOPOLOGY": "verify",
      "OCR_RELAY_BACKEND_ENDPOINT": "http://127.0.0.1:8080", "OCR_RELAY_BACKEND_PROJECT_ID": "0a1b",
      "OCR_RELAY_AUTH_KIND": "iam_password", "OCR_RELAY_AUTH_ENDPOINT": "http://localhost:8081",
      "OCR_RELAY_AUTH_USERNAME": "user", "OCR_RELAY_AUTH_PASSWORD": "secret word",
      "OCR_RELAY_AUTH_DOMAIN_NAME": "company", "OCR_RELAY_REPLIES_ALLOW": "bench.*, amq.rabbitmq.reply-to.*,x/y",
      "OCR_RELAY_HTTP_LISTEN": "127.0.0.1:9100",
    ])
    #expect(read.amqp.urls == [Secret("amqp://u:p@127.0.0.1:5673/vh")])
    #expect(read.amqp.queue == "q")
    #expect(read.amqp.prefetch == 250)
    #expect(read.amqp.topology == .verify)
    #expect(read.backendEndpoint == "http://127.0.0.1:8080")
    #expect(read.backend.projectID == "0a1b")
    #expect(read.auth.kind == .iamPassword)
    #expect(read.authEndpoint == "http://localhost:8081")
    #expect(read.auth.username == "user")
    #expect(read.auth.password == Secret("secret word"))
    #expect(read.auth.accountName == "company")
    #expect(read.replies.allow == ["bench.*", "amq.rabbitmq.reply-to.*", "x/y"])
    #expect(read.http.listen == "127.0.0.1:9100")
  }

  @Test(arguments: [
    (
      ["OCR_RELAY_AMQP_PREFECH": "5"],
      "environment variable OCR_RELAY_AMQP_PREFECH: unknown variable \"OCR_RELAY_AMQP_PREFECH\"; "
        + "did you mean OCR_RELAY_AMQP_PREFETCH?"
    ),
    (
      ["OCR_RELAY_AMQP_QUEUE_FILE": "/tmp/q"],
      "environment variable OCR_RELAY_AMQP_QUEUE_FILE: unknown variable \"OCR_RELAY_AMQP_QUEUE_FILE\"; "
        + "did you mean OCR_RELAY_AMQP_QUEUE?"
    ),
    (
      ["OCR_RELAY_AMQP_PREFETCH": "many"],
      "environment variable OCR_RELAY_AMQP_PREFETCH: amqp.prefetch: \"many\" is not a whole number from 1 to 65535; "
        + "example: 50"
    ),
    (
      ["OCR_RELAY_AMQP_URL": "guest:hush@host"],
      "environment variable OCR_RELAY_AMQP_URL: amqp.url: its value is not an address that begins with amqp:// or "
        + "amqps://; example: amqps://user:password@host:5671/vhost"
    ),
    (
      ["OCR_RELAY_AUTH_USERNAME": ""],
      "environment variable OCR_RELAY_AUTH_USERNAME: auth.username is not set; put it into the file or into "
        + "OCR_RELAY_AUTH_USERNAME"
    ),
    (
      ["OCR_RELAY_AUTH_PASSWORD_FILE": "/tmp/p"],
      "environment variable OCR_RELAY_AUTH_PASSWORD: OCR_RELAY_AUTH_PASSWORD and OCR_RELAY_AUTH_PASSWORD_FILE are "
        + "both set; keep one of them"
    ),
  ])
  func aMistakeNamesTheVariable(environment: [String: String], expected: String) {
    #expect(problems(environment).first == expected)
  }

  @Test func aPublisherNeedsNoCredentialsOfTheOCRService() throws {
    let broker = try RelayConfiguration.loadBroker(file: nil, environment: ["OCR_RELAY_AMQP_URL": "amqp://h"])
    #expect(broker.urls == [Secret("amqp://h")])
    #expect(throws: ConfigurationError.self) {
      try RelayConfiguration.loadBroker(file: nil, environment: ["OCR_RELAY_AMQP_URL": "h"])
    }
  }

  @Test func missingCredentialsAreNamed() throws {
    let error = #expect(throws: ConfigurationError.self) { try RelayConfiguration.load(file: nil, environment: [:]) }
    #expect(
      error?.problems.map(\.message) == [
        "auth.username is not set; put it into the file or into OCR_RELAY_AUTH_USERNAME",
        "auth.password is not set; put it into OCR_RELAY_AUTH_PASSWORD, or its file's name into "
          + "OCR_RELAY_AUTH_PASSWORD_FILE",
      ])
  }

  @Test func aSecretComesFromAFileWithoutItsNewline() throws {
    let file = NSTemporaryDirectory() + "/ocr-relay-secret-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    for ending in ["", "\n", "\r\n"] {
      try ("pass word " + ending).write(toFile: file, atomically: true, encoding: .utf8)
      let environment = ["OCR_RELAY_AUTH_USERNAME": "relay", "OCR_RELAY_AUTH_PASSWORD_FILE": file]
      let read = try RelayConfiguration.load(file: nil, environment: environment)
      #expect(read.configuration.auth.password == Secret("pass word "))
    }
  }

  @Test func anEnvironmentVariableOverridesTheFile() {
    var loader = ConfigurationLoader()
    loader.read(yaml: Array("amqp:\n  prefetch: 5\n  queue: q\n".utf8), path: "relay.yaml")
    loader.read(environment: ["OCR_RELAY_AMQP_PREFETCH": "6"])
    #expect(loader.configuration.amqp.prefetch == 6)
    #expect(loader.configuration.amqp.queue == "q")
    #expect(loader.origins["amqp.prefetch"] == .variable("OCR_RELAY_AMQP_PREFETCH"))
  }

  @Test func variablesOfOthersAndOfKubernetesAreIgnored() {
    let found = problems([
      "PATH": "/bin", "OCR_RELAY_CONFIG": "x.yaml", "OCR_RELAY_SERVICE_HOST": "10.0.0.1",
      "OCR_RELAY_SERVICE_PORT": "8080", "OCR_RELAY_SERVICE_PORT_HTTP": "8080", "OCR_RELAY_PORT": "tcp://10.0.0.1:8080",
      "OCR_RELAY_PORT_8080_TCP": "tcp://10.0.0.1:8080", "OCR_RELAY_PORT_8080_TCP_ADDR": "10.0.0.1",
      "OCR_RELAY_METRICS_SERVICE_HOST": "10.0.0.2",
    ])
    #expect(found == [])
  }
}
