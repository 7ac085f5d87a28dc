internal import AMQP
internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import Logging
internal import OCRContract
internal import RelayCore

extension RelayWorker {
  /// What a worker owns, built from the configuration.
  final class Parts {
    let consumeLink: Link
    let publishLink: Link
    let consumer: Consumer
    let publisher: ConfirmingPublisher
    let requesters: RequesterProbe?
    let client: HTTPClient
    let tokens: any CallCredentials
    let secrets: AuthSecrets
    var secretWatcher: SecretWatcher?
    let pipeline: Pipeline
    let topology: Topology
    let shared: SharedParts
    var isStartingConsumer = false
    /// Whether this connection has had a consumer.
    var hasConsumed = false
    /// Whether to consume over a fresh connection when nothing is in work.
    var wantsRestart = false
    var openLinks = 0

    init(
      _ configuration: RelayConfiguration, commons: LoopCommons?, reactor: Reactor, logger: Logger
    ) throws(RelayStartError) {
      let pool = BufferPool(idleLimit: Self.idleBytes / configuration.process.loops)
      shared = try SharedParts(configuration, commons: commons, reactor: reactor, pool: pool, logger: logger)
      let endpoints = try configuration.brokerEndpoints()
      consumeLink = Link(
        endpoints: endpoints, options: configuration.connectionOptions(for: "consuming"), reactor: reactor, pool: pool)
      publishLink = Link(
        endpoints: endpoints, options: configuration.connectionOptions(for: "publishing"), reactor: reactor,
        pool: pool)
      consumer = Consumer(
        link: consumeLink, queue: configuration.amqp.queue,
        otherQueues: Array(configuration.amqp.consumedQueues.dropFirst()),
        prefetch: UInt16(clamping: configuration.amqp.prefetch), consumerTag: "ocr-relay")
      publisher = ConfirmingPublisher(link: publishLink)
      let store = try shared.makeTokenStore()
      do throws(HTTPClientError) {
        client = try HTTPClient(reactor: reactor, pool: pool, configuration: configuration.httpClient)
        secrets = AuthSecrets(configuration.auth)
        tokens = try configuration.makeCredentials(
          client: client, secrets: secrets, store: store, reactor: reactor, logger: logger)
      } catch {
        throw RelayStartError(description: "the HTTP client cannot start: \(error)")
      }
      requesters =
        configuration.replies.checksDirectRequesters
        ? Self.makeProbe(configuration, endpoints, reactor: reactor, pool: pool, logger: logger) : nil
      let catalogue = HuaweiCatalogue.ocr
      topology = configuration.topology
      let backendName = configuration.backend.name.rawValue
      pipeline = Pipeline(
        settings: configuration.pipelineSettings(catalogue), consumer: consumer, publisher: publisher,
        backend: OCRBackend(
          client: client, endpoint: configuration.backendEndpoint, projectID: configuration.backend.projectID,
          classifier: HuaweiClassifier()),
        tokens: tokens, permits: configuration.permitDesk(reactor: reactor, logger: logger),
        replies: ReplyComposer(backendName: backendName, resultsExchange: configuration.replies.resultsExchange),
        copies: CopyComposer(backendName: backendName, queue: configuration.amqp.queue),
        results: try shared.makeResultStore().map(ResultDesk.init), requesters: requesters, reactor: reactor,
        pool: pool,
        logger: logger)
      pipeline.tracer = try SpanExporter(configuration.traces, reactor: reactor, pool: pool, logger: logger)
        .map { Tracer(exporter: $0, samplePercent: configuration.traces.samplePercent) }
      try shared.share(pipeline.permits)
    }

    /// Memory of bodies that the process keeps for the next ones.
    private static let idleBytes = 64 << 20

    private static func makeProbe(
      _ configuration: RelayConfiguration, _ endpoints: [BrokerEndpoint], reactor: Reactor, pool: BufferPool,
      logger: Logger
    ) -> RequesterProbe {
      var options = configuration.connectionOptions(for: "checking")
      // Each address that is gone costs the connection.
      options.reconnectDelay = .milliseconds(10)...options.reconnectDelay.upperBound
      let link = Link(endpoints: endpoints, options: options, reactor: reactor, pool: pool)
      return RequesterProbe(link: link, reactor: reactor, logger: logger)
    }

    /// Reads secrets again when their files change, and then calls `onChange`.
    func watchSecrets(
      _ configuration: RelayConfiguration, reactor: Reactor, logger: Logger, _ onChange: @escaping () -> Void
    ) {
      secretWatcher?.stop()
      secretWatcher = SecretWatcher(
        secrets.entries(files: configuration.secretFiles), reactor: reactor, logger: logger, onChange: onChange)
    }
  }
}
