import AMQP
import SocketTransport
import TestSupport
import Testing

extension BrokerTests {
  /// What an operator sees when something is wrong: the right kind, and one line that helps.
  @Suite struct FailureKindTests {
    private static func failure(
      _ url: String, tls: TLSSettings = .init(), timeout: Duration = .seconds(10), _ roles: LinkDriver.Roles = .init()
    ) async throws -> ConnectionFailure {
      var options = LinkDriver.quickOptions()
      options.tls = tls
      options.connectTimeout = timeout
      let driver = try LinkDriver(url, roles, options: options)
      await driver.start()
      let failure = await driver.failure()
      await driver.stop()
      #expect(!failure.description.isEmpty && !failure.description.contains("\n"))
      #expect(!failure.description.contains("SECRET"))
      return failure
    }

    private static func parts(_ url: String) throws -> BrokerEndpoint {
      try #require(try AMQPURL.parse(url).first)
    }

    @Test func wrongPassword() async throws {
      let port = try Self.parts(try await PrivateBroker.shared().url).port
      let failure = try await Self.failure("amqp://guest:SECRET@127.0.0.1:\(port)")
      #expect(failure.kind == .accessRefused)
      #expect(failure.replyCode == 403)
    }

    @Test func missingVirtualHost() async throws {
      let failure = try await Self.failure(try await PrivateBroker.shared().url + "/missing")
      #expect(failure.kind == .virtualHost)
      #expect(failure.detail.contains("missing"))
    }

    @Test func virtualHostThatIsClosedToTheUser() async throws {
      let broker = try await PrivateBroker.shared()
      try await broker.control("add_user", "stranger", "SECRET")
      let port = try Self.parts(broker.url).port
      #expect(try await Self.failure("amqp://stranger:SECRET@127.0.0.1:\(port)").kind == .virtualHost)
    }

    @Test func nobodyListens() async throws {
      let failure = try await Self.failure("amqp://127.0.0.1:\(FreePort.choose())")
      #expect(failure.kind == .unreachable)
      #expect(failure.detail.contains("127.0.0.1"))
    }

    @Test func unknownHost() async throws {
      #expect(try await Self.failure("amqp://no-such-host.invalid").kind == .unresolved)
    }

    @Test func aHostThatAcceptsAndSaysNothing() async throws {
      // The backlog takes the connection; nobody ever reads it.
      let (descriptor, port) = LoopbackListener.open()
      defer { LoopbackListener.close(descriptor) }
      #expect(try await Self.failure("amqp://127.0.0.1:\(port)", timeout: .milliseconds(200)).kind == .connectTimeout)
    }

    @Test func missingQueue() async throws {
      let failure = try await Self.failure(try await PrivateBroker.shared().makeVirtualHost(), .init(queue: "missing"))
      #expect(failure.kind == .closedByBroker)
      #expect(failure.replyCode == 404)
    }

    @Test func theSecondHostIsTried() async throws {
      let port = try Self.parts(try await PrivateBroker.shared().url).port
      let driver = try LinkDriver("amqp://guest:guest@127.0.0.1:\(FreePort.choose()),localhost:\(port)")
      await driver.startAndWait()
      #expect(await driver.isOpen)
      await driver.stop()
    }

    // MARK: TLS

    @Test func tls() async throws {
      let broker = try await PrivateBroker.start(.tls)
      let url = try await broker.tlsURL()
      let trust = TLSSettings(caFile: broker.certificates.authority)
      let tlsPort = try Self.parts(url).port
      let plainPort = try Self.parts(broker.url).port

      for host in ["localhost", "127.0.0.1"] {
        try await Self.expectRoundTrip("amqps://guest:guest@\(host):\(tlsPort)", trust)
      }
      var renamed = trust
      renamed.serverName = "elsewhere.invalid"
      let wrongHost = try await Self.failure(url, tls: renamed)
      #expect(wrongHost.kind == .tls)
      #expect(wrongHost.detail.contains("elsewhere.invalid"))
      #expect(try await Self.failure(url, tls: .init(caFile: broker.certificates.otherAuthority)).kind == .tls)
      #expect(try await Self.failure(url).kind == .tls)
      #expect(try await Self.failure(url, tls: .init(caFile: "/no/such/file")).kind == .tls)
      // TLS to the plain port, and the other way round.
      #expect(try await Self.failure("amqps://127.0.0.1:\(plainPort)", tls: trust).kind == .tls)
      let plain = try await Self.failure("amqp://127.0.0.1:\(tlsPort)")
      #expect(plain.detail.contains("amqps://"), "\(plain.detail)")
      try await broker.remove()
    }

    @Test func mutualTLS() async throws {
      let broker = try await PrivateBroker.start(.mutualTLS)
      let url = try await broker.tlsURL()
      let files = broker.certificates
      let identity = TLSSettings(
        caFile: files.authority, certificateFile: files.client.certificate, keyFile: files.client.key)
      try await Self.expectRoundTrip(url, identity)
      #expect(try await Self.failure(url, tls: .init(caFile: files.authority)).kind == .tls)
      var mismatched = identity
      mismatched.keyFile = files.server.key
      #expect(try await Self.failure(url, tls: mismatched).kind == .tls)
      try await broker.remove()
    }

    /// A large body there and back, in both directions of the TLS stream.
    private static func expectRoundTrip(_ url: String, _ tls: TLSSettings) async throws {
      var options = LinkDriver.quickOptions()
      options.tls = tls
      let publisher = try LinkDriver(url, .init(publishes: true), options: options)
      await publisher.startAndWait()
      try await publisher.request(.declareQueue(.init("q")))
      var random = SeededRandom(seed: 5)
      let body = random.bytes(2_000_000)
      #expect(await publisher.publish(body, key: "q") == .confirmed)
      let consumer = try LinkDriver(url, .init(queue: "q"), options: options)
      await consumer.startAndWait()
      let message = await consumer.delivery()
      #expect(message.body == body)
      #expect(await consumer.settleAndStop(message))
      await publisher.stop()
    }
  }
}
