import OCRContract
import RelayCore
import Testing

@testable import HTTPTransport
@testable import OCRRelay

struct TransportFailureTests {
  private static let rows: [(HTTPFailure.Kind, TransportFailure, TransportFailure)] = [
    (.resolveFailed, .resolveFailed, .resolveFailed),
    (.connectFailed, .connectFailed, .connectFailed),
    (.connectTimedOut, .connectTimeout, .connectTimeout),
    (.tlsFailed(.certificateRejected), .tlsFailed, .tlsFailed),
    (.tlsFailed(.handshakeFailed), .tlsFailed, .tlsFailed),
    (.tlsFailed(.localSetup), .tlsFailed, .tlsFailed),
    (.timedOut, .timeout(afterRequestSent: false), .timeout(afterRequestSent: true)),
    (.connectionLost, .connectionLost(afterRequestSent: false), .connectionLost(afterRequestSent: true)),
    (.responseTooLarge, .responseTooLarge, .responseTooLarge),
    (.headersTooLarge, .responseTooLarge, .responseTooLarge),
    (.malformedResponse, .responseMalformed, .responseMalformed),
    (.cancelled, .cancelled(afterRequestSent: false), .cancelled(afterRequestSent: true)),
    (.repeatRefused, .repeatRefused, .repeatRefused),
    (.resourceExhausted, .connectFailed, .connectionLost(afterRequestSent: true)),
    (.bodySourceFailed, .connectionLost(afterRequestSent: false), .connectionLost(afterRequestSent: true)),
    (.invalidRequest, .connectFailed, .connectionLost(afterRequestSent: true)),
    (.other, .connectionLost(afterRequestSent: false), .connectionLost(afterRequestSent: true)),
  ]

  @Test(arguments: rows.indices)
  func everyKindHasItsMeaning(_ index: Int) {
    let (kind, unsent, sent) = Self.rows[index]
    #expect(TransportFailure(Self.failure(kind, sent: false)) == unsent)
    #expect(TransportFailure(Self.failure(kind, sent: true)) == sent)
  }

  /// What is wrong with this machine or its settings is not held against single requests.
  @Test(arguments: [HTTPFailure.Kind.invalidRequest, .resourceExhausted, .resolveFailed, .connectFailed])
  func whatEveryCallWouldMeetClosesTheGate(_ kind: HTTPFailure.Kind) {
    let failure = TransportFailure(Self.failure(kind, sent: false)).callFailure
    #expect(failure.scope == .service && failure.backend.billed == .no)
  }

  private static func failure(_ kind: HTTPFailure.Kind, sent: Bool) -> HTTPFailure {
    HTTPFailure(kind: kind, requestSent: sent, nativeCode: 0, detail: "")
  }
}
