import AMQP
import OCRContract
import Testing

@testable import OCRClient

@Suite struct RequestMessageTests {
  private func message(_ request: OCRRequest, queue: String? = nil) -> OutgoingMessage {
    RequestMessage.make(request, correlationID: "c", replyTo: "r", queue: queue)
  }

  @Test func aFileTravelsAsItIs() {
    let request = OCRRequest(api: "id-card", body: .file([1, 2, 3], .png), options: Array(#"{"side":"front"}"#.utf8))
    let message = message(request)
    #expect(message.exchange == ExchangeName.requests)
    #expect(message.routingKey == "id-card")
    #expect(message.isMandatory)
    #expect(message.properties.contentType == "image/png")
    #expect(message.properties.type == "id-card")
    #expect(message.properties.messageID == request.messageID)
    #expect(message.properties.correlationID == "c")
    #expect(message.properties.replyTo == "r")
    #expect(message.properties.headers.string(HeaderName.options.rawValue) == #"{"side":"front"}"#)
    #expect(message.body.count == 3)
  }

  @Test func jsonCarriesItsOwnOptions() {
    let request = OCRRequest(api: "id-card", body: .json(Array("{}".utf8)), options: [1])
    let message = message(request, queue: "work")
    #expect(message.exchange.isEmpty)
    #expect(message.routingKey == "work")
    #expect(message.properties.contentType == "application/json")
    #expect(message.properties.headers.string(HeaderName.options.rawValue) == nil)
  }

  @Test(arguments: [Duration.zero, .seconds(60), .seconds(Int64.max), .seconds(-5)])
  func everyTimeoutGivesADeadline(timeout: Duration) {
    let request = OCRRequest(api: "id-card", body: .json([]), timeout: timeout)
    #expect((message(request).properties.headers.integer(HeaderName.deadline.rawValue) ?? 0) > 1_700_000_000_000)
  }

  @Test func identifiersDoNotRepeat() {
    let ids = Set((0..<1_000).map { _ in RandomID.make() })
    #expect(ids.count == 1_000)
    #expect(ids.allSatisfy { $0.count == 32 })
  }

  @Test(arguments: ["", "http://h", "amqp://h:0", "amqp://h:x/"])
  func textsThatAreNoAddressAreRefused(url: String) async {
    await #expect(throws: OCRClientError.self) { try await OCRClient.connect(url: url) }
  }

  @Test func nobodyListeningIsSaidAtOnce() async {
    do {
      _ = try await OCRClient.connect(url: "amqp://guest:guest@127.0.0.1:1")
      Issue.record("connected to a port that nobody listens on")
    } catch {
      guard case .brokerUnreachable(let reason) = error else { Issue.record("\(error)"); return }
      #expect(reason.contains("refused"))
    }
  }
}
