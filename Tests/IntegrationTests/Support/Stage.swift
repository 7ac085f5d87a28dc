import AMQP
import Foundation
import OCRContract
import TestSupport

/// A virtual host of the shared broker, a sandbox and a relay between them.
final class Stage: Sendable {
  let url: String
  let virtualHost: String
  let sandbox: Sandbox
  let relay: RelayProcess
  let broker: PrivateBroker

  private init(url: String, sandbox: Sandbox, relay: RelayProcess, broker: PrivateBroker) {
    self.url = url
    virtualHost = String(url.split(separator: "/").last ?? "")
    self.sandbox = sandbox
    self.relay = relay
    self.broker = broker
  }

  /// Sets one up. `isReady` false leaves the relay to start in its own time.
  static func make(
    relay more: [String: String] = [:], sandbox arguments: [String] = ["--instant"], isReady: Bool = true
  ) async throws -> Stage {
    let broker = try await PrivateBroker.shared()
    async let address = broker.makeVirtualHost()
    let sandbox = try await Sandbox.start(arguments)
    let url = try await address
    let settings = RelayProcess.settings(amqp: url, sandbox: sandbox.url, more)
    let relay = try await isReady ? RelayProcess.start(settings) : RelayProcess.launch(settings)
    return Stage(url: url, sandbox: sandbox, relay: relay, broker: broker)
  }

  /// The stage that the suite shares, for tests that leave everything as it was.
  static func shared() async throws -> Stage {
    guard let holder = StageHolder.current else { throw TestFailure("the suite has no shared stage") }
    return try await holder.stage()
  }

  func mailbox(_ source: Mailbox.Source = .ownQueue) async throws -> Mailbox { try await Mailbox.open(url, source) }

  /// Takes what belongs to a request out of one of the relay's own queues.
  func take(from queue: String, _ id: String) async throws -> Mailbox.Message {
    let mailbox = try await mailbox(.queue(queue))
    let message = await mailbox.reply(to: id)
    await mailbox.close()
    return message
  }

  /// How many messages wait in a queue: exact, unlike the broker's statistics, but without those delivered.
  func waiting(in queue: String) async throws -> Int {
    let mailbox = try await mailbox(.nothing)
    let count = try await mailbox.waiting(in: queue)
    await mailbox.close()
    return count
  }
}

/// A request to publish.
struct Request: Sendable {
  var id = UUID().uuidString
  var api: String? = "general-text"
  var body: [UInt8]
  var properties = OutgoingProperties()

  /// A JSON request with an address, which every API takes and the sandbox answers to without fetching when instant.
  static func json(_ text: String, api: String? = "general-text") -> Request {
    Request(api: api, body: Array(text.utf8), contentType: "application/json")
  }

  /// A JSON request with a picture of its own.
  static func picture(api: String? = "general-text") -> Request {
    json(
      #"{"image":""# + Data(TestPicture.png(seed: .random(in: 0..<1 << 24))).base64EncodedString() + #""}"#, api: api)
  }

  init(api: String?, body: [UInt8], contentType: String) {
    self.api = api
    self.body = body
    properties.type = api
    properties.contentType = contentType
    properties.messageID = "message-" + id
    properties.correlationID = id
  }

  /// Publishes it and fails the test when no queue has it.
  func send(
    by mailbox: Mailbox, to replyTo: String?, exchange: String = "", key: String = QueueName.requests
  ) async throws {
    var properties = properties
    properties.replyTo = replyTo
    let outcome = await mailbox.publish(body, exchange: exchange, key: key, properties)
    guard outcome == .confirmed else {
      throw TestFailure("the request was not taken: \(outcome)")
    }
  }

  /// Publishes it and waits for the reply in the mailbox's own queue.
  func ask(_ mailbox: Mailbox) async throws -> Mailbox.Message {
    try await send(by: mailbox, to: await mailbox.queue)
    return await mailbox.reply(to: id)
  }
}
