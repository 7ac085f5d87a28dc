import Logging
import OCRContract
import RelayCore
import Testing

@testable import AMQP
@testable import EventLoop
@testable import OCRRelay

/// The first step of a delivery, in a pipeline whose connections are never opened: what is published waits.
struct RequestFlowTests {
  private final class Bench {
    let parts: RelayWorker.Parts

    init() throws {
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      parts = try RelayWorker.Parts(RelayConfiguration(), reactor: Reactor(), logger: logger)
    }

    func deliver(_ sample: SampleDelivery) -> RelayCounters {
      parts.consumer.onDelivery(sample.make())
      return parts.pipeline.counters
    }
  }

  private static func sample(replyTo: String) -> SampleDelivery {
    var sample = SampleDelivery()
    (sample[.replyTo], sample[.messageID], sample[.contentType]) = (replyTo, "m", "application/json")
    return sample
  }

  /// Requests that can never succeed, each for another reason.
  static let broken: [@Sendable (inout SampleDelivery) -> Void] = [
    { $0.defect = .oversizedBody(size: 1 << 40, limit: 1) },
    { $0.header(.deadline, "soon") },
    { $0.header("ocr-options", "F", SampleDelivery.long([])) },
    { $0.body = [] },
    { $0.routingKey = "no-such-api" },
  ]

  @Test(arguments: broken.indices, ["victim", "ocr.requests", "ocr.dead.poison", "amq.topic/any"])
  func aForbiddenReplyTargetIsToldNothing(_ index: Int, _ target: String) throws {
    var sample = Self.sample(replyTo: target)
    Self.broken[index](&sample)
    let bench = try Bench()
    let counters = bench.deliver(sample)
    let isOversized = sample.defect != nil
    #expect(counters.errors == 0, "nothing is written into somebody else's queue")
    #expect(counters.deadLetters == (isOversized ? 0 : 1), "the broker keeps an oversized one itself")
    #expect(bench.parts.publisher.unsettled == counters.deadLetters)
  }

  @Test(arguments: broken.indices)
  func anAllowedReplyTargetIsToldWhatIsWrong(_ index: Int) throws {
    var sample = Self.sample(replyTo: "ocr.reply.me")
    Self.broken[index](&sample)
    let bench = try Bench()
    let counters = bench.deliver(sample)
    #expect(counters.errors == 1)
    #expect(counters.deadLetters == (sample.defect == nil ? 1 : 0))
    #expect(bench.parts.publisher.unsettled == counters.errors + counters.deadLetters)
  }

  @Test func anInvalidReplyTargetIsAnsweredOnTheResultsExchange() throws {
    let counters = try Bench().deliver(Self.sample(replyTo: "/key"))
    #expect(counters.errors == 1 && counters.deadLetters == 1)
  }

  @Test func aRequestThatIsTooEarlyGoesBackToALevelWithoutACall() throws {
    var sample = Self.sample(replyTo: "ocr.reply.me")
    sample.exchange = ExchangeName.retryIn
    sample[.type] = "general-text"
    sample.header(.notBefore, WallClock.milliseconds() + 7_200_000)
    let bench = try Bench()
    let counters = bench.deliver(sample)
    #expect(counters.retries == 1 && counters.calls == 0 && counters.errors == 0)
    #expect(bench.parts.pipeline.inFlight == 1, "acknowledged only when the copy is confirmed")
  }
}
