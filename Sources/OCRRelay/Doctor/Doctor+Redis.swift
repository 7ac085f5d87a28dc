internal import EventLoop
internal import RedisStore
internal import RelayCore

extension Doctor {
  private static let redisArea = "redis"
  /// Redis is near, but a doctor is patient: whether it is fast enough is another finding.
  private static let redisBudget = Duration.seconds(2)
  /// Clocks that differ by more make shared times wrong.
  private static let largestClockDifference = 5

  /// Whether the shared state can be reached, read and written; nothing when no Redis is configured. A relay goes on
  /// without it, so nothing here keeps it from its work.
  func redis() async -> [Finding] {
    let settings = configuration.redis
    guard !settings.url.isEmpty else { return [] }
    guard var endpoint = try? RedisURL.parse(settings.url.reveal()) else { return [] }
    if !settings.password.isEmpty { endpoint.password = settings.password.reveal() }
    var options = RedisOptions(clientName: "ocr-relay-doctor", budget: Self.redisBudget)
    options.tls = settings.tls
    let client = RedisClient(endpoint: endpoint, options: options, reactor: loop.reactor, pool: BufferPool())
    defer { client.stop() }
    await withCheckedContinuation { continuation in
      client.whenSettled { continuation.resume() }
      client.start()
    }
    if let trouble = client.trouble { return [Self.redisTrouble("server", trouble, at: endpoint)] }
    let start = loop.reactor.now
    let time = await ask(client, ["TIME"])
    let delay = loop.reactor.now - start
    // A key of its own that is gone after a second: rights and a full or read-only server show only when something is
    // written.
    let key = settings.keyPrefix + "doctor"
    let write = await ask(client, ["SET", .text(key), "1", "PX", "1000"])
    return Self.redisServer(time, delay, budget: settings.budget, at: endpoint) + [Self.redisWrite(write, at: endpoint)]
  }

  private func ask(_ client: RedisClient, _ command: RedisCommand) async -> Result<RedisReply, RedisFailure> {
    await withCheckedContinuation { continuation in
      client.send(command) { continuation.resume(returning: $0) }
    }
  }

  private static func redisServer(
    _ time: Result<RedisReply, RedisFailure>, _ delay: Duration, budget: Duration, at endpoint: RedisEndpoint
  ) -> [Finding] {
    guard case .success(let reply) = time else {
      if case .failure(let failure) = time { return [redisTrouble("server", failure, at: endpoint)] }
      return []
    }
    var findings = [Finding(redisArea, "server", .ok, "\(endpoint) answers")]
    if delay > budget {
      findings.append(
        Finding(
          redisArea, "speed", .warn, "\(endpoint) took longer than redis.budget_ms to answer",
          advice: "check the load of Redis and the network to it, or raise redis.budget_ms"))
    }
    guard let seconds = reply.elements?.first?.bytes.flatMap({ Int64(String(decoding: $0, as: UTF8.self)) }) else {
      return findings
    }
    let difference = seconds - WallClock.milliseconds() / 1_000
    if abs(difference) > largestClockDifference {
      findings.append(
        Finding(
          redisArea, "clock", .warn, "the clock of Redis differs by \(difference) s from this machine's",
          advice: "let both machines keep their clocks by NTP"))
    }
    return findings
  }

  private static func redisWrite(_ result: Result<RedisReply, RedisFailure>, at endpoint: RedisEndpoint) -> Finding {
    switch result {
    case .success: Finding(redisArea, "writing", .ok, "keys can be written")
    case .failure(let failure): redisTrouble("writing", failure, at: endpoint)
    }
  }

  private static func redisTrouble(_ check: String, _ failure: RedisFailure, at endpoint: RedisEndpoint) -> Finding {
    Finding(
      redisArea, check, .warn, "\(endpoint): \(failure); relays go on without it, each on its own",
      advice: RedisAdvice.text(for: failure))
  }
}
