import Glibc
import Testing

@testable import SocketTransport

@Suite struct TLSStreamTests {
  /// OpenSSL writes without MSG_NOSIGNAL, and a signal that nobody handles would end the process.
  @Test func aPeerThatIsGoneRaisesNoSignal() throws {
    var ends: [Int32] = [0, 0]
    // A child of another test must not inherit the end that is closed here: it would stay open.
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
    close(ends[1])
    defer { close(ends[0]) }
    let before = signal(SIGPIPE, SIG_DFL)
    defer { signal(SIGPIPE, before) }
    let stream = try TLSContext(TLSSettings()).stream(descriptor: ends[0], host: "localhost")
    guard case .failed(let failure) = stream.handshake() else {
      Issue.record("the handshake did not fail")
      return
    }
    #expect(failure.kind == .connectionLost)
  }
}
