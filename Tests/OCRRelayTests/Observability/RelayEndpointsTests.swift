import HealthEndpoint
import Telemetry
import Testing

@testable import OCRRelay

struct RelayEndpointsTests {
  private func endpoints(stallLimit: Duration, _ status: RelayStatus = RelayStatus()) -> RelayEndpoints {
    RelayEndpoints(status: { status }, pulses: [LoopPulse()], stallLimit: stallLimit, libraries: nil)
  }

  @Test func aLoopThatStandsStillIsReportedWithoutAskingIt() async {
    // A pulse that nobody starts: the same as one whose loop hangs.
    let hung = RelayEndpoints(
      status: {
        Issue.record("a hung loop was asked")
        return RelayStatus()
      }, pulses: [LoopPulse()], stallLimit: .seconds(-1), libraries: nil)
    #expect(hung.live().status == 503)
    #expect(await hung.state { _ in true }.status == 503)
    #expect(await hung.metrics().status == 503)
  }

  @Test func readinessFollowsTheStatus() async {
    var status = RelayStatus()
    #expect(await endpoints(stallLimit: .seconds(60), status).state { $0.isReady }.status == 503)
    (status.isConsuming, status.canPublish) = (true, true)
    #expect(await endpoints(stallLimit: .seconds(60), status).state { $0.isReady }.status == 200)
    status.isGateOpen = false
    #expect(await endpoints(stallLimit: .seconds(60), status).state { $0.isReady }.status == 503)
    #expect(await endpoints(stallLimit: .seconds(60), status).state { $0.isConsuming }.status == 200)
  }

  @Test func metricsSayWhatTheyAre() async {
    let answer = await endpoints(stallLimit: .seconds(60)).metrics()
    #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
    #expect(answer.text.contains("process_open_fds "))
  }
}
