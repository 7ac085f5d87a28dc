internal import DeadLetters
internal import OCRContract

/// What relays and queues look like now and looked like before; read again and again while the console runs.
actor LiveView {
  /// What a page shows.
  struct Picture: Sendable {
    /// Relays by name.
    var relays: [(name: String, history: RelayHistory)] = []
    /// How full queues are and were.
    var depths = DepthHistory()
    /// Why queues could not be read; nil when they could.
    var depthFailure: String?
    /// Whether any relay is to be asked at all.
    var hasRelays = false
    /// Whether the broker may drop a letter that is looked at too often; true as long as that is not known.
    var countsLooks = true
  }

  private let options: ConsoleOptions
  private let queues: [String]
  private var relays: [String: RelayHistory] = [:]
  private var depths = DepthHistory()
  private var depthFailure: String?
  private var brokerVersion: String?

  /// A relay that was not heard of for so long is forgotten, in milliseconds.
  private static let memory: Int64 = 600_000
  private static let mostRelays = 500

  init(_ options: ConsoleOptions) {
    self.options = options
    queues =
      options.workQueues + RetryLevel.allCases.map(\.queue) + QueueName.dead + [
        QueueName.parked, QueueName.unroutable,
      ]
  }

  /// What is known now.
  var picture: Picture {
    Picture(
      relays: relays.sorted { $0.key < $1.key }.map { (name: $0.key, history: $0.value) }, depths: depths,
      depthFailure: depthFailure, hasRelays: !options.relays.isEmpty, countsLooks: countsLooks)
  }

  /// RabbitMQ 3 never drops a letter from queues without a limit of their own; later versions have one for all.
  private var countsLooks: Bool { !(brokerVersion ?? "").hasPrefix("RabbitMQ 3.") }

  /// Looks again and again until it is cancelled.
  func run() async throws {
    let probe = try RelayProbe()
    let gauge = try QueueGauge(urls: options.brokers, options: options.desk)
    while !Task.isCancelled {
      await look(probe, gauge)
      try? await Task.sleep(for: options.sampleInterval)
    }
    await probe.close()
    await gauge.close()
  }

  private func look(_ probe: RelayProbe, _ gauge: QueueGauge) async {
    async let relays: Void = lookAtRelays(probe)
    async let queues: Void = lookAtQueues(gauge)
    _ = await (relays, queues)
  }

  private func lookAtQueues(_ gauge: QueueGauge) async {
    do throws(DeadLetterError) {
      let found = try await gauge.depths(of: queues)
      depths.add(found, at: SystemTime.milliseconds, queues: queues)
      depthFailure = nil
      brokerVersion = await gauge.brokerVersion
    } catch {
      depthFailure = error.description
    }
  }

  private func lookAtRelays(_ probe: RelayProbe) async {
    var addresses: Set<RelayAddress> = []
    for text in options.relays { addresses.formUnion(await RelayAddress.resolve(text)) }
    let readings = await withTaskGroup(of: (String, RelayReading?).self) { group in
      for address in addresses { group.addTask { (address.name, await probe.reading(of: address)) } }
      return await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
    }
    let now = SystemTime.milliseconds
    for (name, reading) in readings where relays[name] != nil || relays.count < Self.mostRelays {
      if let reading { relays[name, default: RelayHistory()].add(reading) } else { missed(name, now) }
    }
    // A name that stands for one host less: the relay has ended, or is about to be forgotten.
    for name in relays.keys where readings[name] == nil { missed(name, now) }
    relays = relays.filter { $0.value.silentSince.map { now - $0 < Self.memory } ?? true }
  }

  private func missed(_ name: String, _ now: Int64) { relays[name, default: RelayHistory()].missed(at: now) }
}
