import RelayCore

extension RelayConfiguration {
  /// What the names of all our environment variables begin with.
  static let variablePrefix = "OCR_RELAY_"

  /// What each section is about, in the order of the default file.
  static let sections: [(name: String, documentation: String)] = [
    ("amqp", "The broker and the work queue."),
    ("backend", "The OCR service."),
    ("auth", "How the relay proves itself to the OCR service."),
    ("replies", "Where answers may go."),
    ("limits", "What requests must keep."),
    ("url", "Addresses that requests may send the OCR service to, in place of an image."),
    ("rate", "How many calls are made. The limit of the service is learnt from its refusals."),
    ("retry", "Requests that failed for a reason that may pass."),
    ("results", "Results that are kept, so that a request that comes again is not paid again."),
    ("redis", "What relays share their state through."),
    ("seal", "The key that seals what leaves the process."),
    ("http", "Health checks and metrics: /livez, /readyz, /consumingz, /metrics."),
    ("process", "What one process makes use of."),
    ("shutdown", "The end, after SIGTERM."),
    ("console", "The pages for operators, `ocr-relay console`; relays do not read this section."),
    ("traces", "Spans of requests and calls, for an OpenTelemetry collector."),
    ("log", "What is written to standard error."),
  ]

  /// Every setting, in the order of the default file.
  static let settings: [Setting] =
    amqpSettings + backendSettings + authSettings + requestSettings + rateSettings + processSettings + sharedSettings
    + consoleSettings + tracesSettings

  private static let amqpSettings: [Setting] = [
    Setting(
      "amqp", "url", \.amqp.urls, .brokerAddresses,
      "Address of the broker with user, password and virtual host; a list or commas for the nodes of a cluster."),
    Setting(
      "amqp", "queue", \.amqp.queue, .text("the name of a queue", example: "ocr.requests"),
      "The queue that requests are taken from."),
    Setting(
      "amqp", "lanes", \.amqp.lanes, .weights(of: "queues", example: "ocr.requests=4, ocr.requests.bulk=1"),
      "Several queues that requests are taken from, with weights; amqp.queue is one of them. While requests wait in all\n"
        + "of them, calls are shared out by weight; a queue gets what the others do not use. Empty: amqp.queue alone."),
    Setting(
      "amqp", "overflow_queue", \.amqp.overflowQueue,
      .optionalText("the name of a queue", example: "ocr.requests.overflow"),
      "The queue for requests of publishers (user_id) that have more than their share waiting, so that others need\n"
        + "not wait behind them: they get what the others leave. Empty: all wait in turn."),
    Setting(
      "amqp", "prefetch", \.amqp.prefetch, .whole(1...65535, example: 50),
      "Requests in work at the same time, of each queue (and of each loop: process.loops)."),
    Setting(
      "amqp", "topology", \.amqp.topology, .choice(example: .apply),
      "Exchanges and queues at start: apply declares what is missing, verify only looks, off does neither."),
    Setting(
      "amqp", "heartbeat_seconds", \.amqp.heartbeat, .seconds(2...600, example: "15"),
      "A connection that is silent for twice as long counts as dead."),
    Setting(
      "amqp", "connect_timeout_seconds", \.amqp.connectTimeout, .seconds(1...300, example: "10"),
      "Bound for connecting and logging in."),
    Setting(
      "amqp", "reconnect_min_seconds", \.amqp.reconnectMinimum,
      .seconds(0...60, smallest: .milliseconds(50), example: "0.5"),
      "Pause before the first attempt to connect again; it doubles with each attempt, with jitter."),
    Setting(
      "amqp", "reconnect_max_seconds", \.amqp.reconnectMaximum, .seconds(1...600, example: "5"),
      "Longest pause between attempts to connect."),
    Setting(
      "amqp", "confirm_timeout_seconds", \.amqp.confirmTimeout, .seconds(1...600, example: "30"),
      "How long the broker may take to confirm a published message."),
    Setting(
      "amqp", "ca_file", \.amqp.caFile, .optionalText("the name of a PEM file", example: "/etc/ocr-relay/ca.pem"),
      "Authorities for amqps; empty: those of the system."),
    Setting(
      "amqp", "certificate_file", \.amqp.certificateFile,
      .optionalText("the name of a PEM file", example: "/etc/ocr-relay/client.pem"),
      "The relay's own certificate, where the broker asks for one."),
    Setting(
      "amqp", "key_file", \.amqp.keyFile,
      .optionalText("the name of a PEM file", example: "/etc/ocr-relay/client.key"),
      "The key of that certificate."),
  ]

  private static let backendSettings: [Setting] = [
    Setting(
      "backend", "name", \.backend.name, .choice(example: .huawei), "Which kind of service: huawei."),
    Setting(
      "backend", "region", \.backend.region, .text("the name of a region", example: "cn-north-4"),
      "Region of the service."),
    Setting(
      "backend", "endpoint", \.backend.endpoint,
      .optionalAddress(example: "https://ocr.cn-north-4.myhuaweicloud.com"),
      "Address of the service; empty: its own address in the region."),
    Setting(
      "backend", "project_id", \.backend.projectID,
      .optionalText("the id of a project", example: "0123456789abcdef0123456789abcdef"),
      "Project of the calls; empty: the project that the token belongs to."),
    Setting(
      "backend", "enterprise_project_id", \.backend.enterpriseProjectID,
      .optionalText("the id of an enterprise project", example: "0"),
      "Enterprise project that calls are charged to; empty: none is named."),
    Setting(
      "backend", "allow_plain_http", \.backend.allowsPlainHTTP, .flag,
      "Allow http:// outside this machine. Tokens and images then travel unprotected."),
    Setting(
      "backend", "ca_file", \.backend.caFile,
      .optionalText("the name of a PEM file", example: "/etc/ocr-relay/ca.pem"),
      "Authorities for https; empty: those of the system."),
    Setting(
      "backend", "proxy", \.backend.proxy, .optionalAddress(example: "http://proxy.example.com:3128"),
      "Proxy for all calls, asked for a tunnel (CONNECT) to the service; empty: none, whatever the environment says."),
    Setting(
      "backend", "connect_timeout_seconds", \.backend.connectTimeout, .seconds(1...300, example: "5"),
      "Bound for connecting, TLS included."),
    Setting(
      "backend", "total_timeout_seconds", \.backend.totalTimeout, .seconds(1...3600, example: "60"),
      "Bound for a whole call."),
    Setting(
      "backend", "low_speed_bytes_per_second", \.backend.lowSpeedLimit, .whole(0...1 << 30, example: 1),
      "A call slower than this for low_speed_seconds is given up; 0 switches the check off."),
    Setting(
      "backend", "low_speed_seconds", \.backend.lowSpeedTime, .seconds(1...3600, example: "30"),
      "How long a call may be that slow. Recognition itself sends nothing: keep this above its time."),
    Setting(
      "backend", "response_limit_bytes", \.backend.responseLimit, .whole(1024...1 << 30, example: 16 << 20),
      "Largest answer that is taken."),
    Setting(
      "backend", "max_connections", \.backend.maximumConnections, .whole(1...10_000, example: 64),
      "Most connections to the service at the same time, of each loop (process.loops)."),
  ]

  private static let requestSettings: [Setting] = [
    Setting(
      "replies", "allow", \.replies.allow, .list("a list of patterns", example: "ocr.reply.*, my.exchange/*"),
      "Reply targets that requests may name: queues, or exchange/routing-key. * stands for any text, {user_id} for\n"
        + "the publisher that the broker has proven. An empty list allows none."),
    Setting(
      "replies", "results_exchange", \.replies.resultsExchange,
      .text("the name of an exchange", example: "ocr.results"),
      "Exchange for answers to requests without reply_to."),
    Setting(
      "replies", "max_publishes", \.replies.maximumPublishes, .whole(1...10, example: 3),
      "How often an answer is published whose queue is gone or full, before it is parked in ocr.unroutable."),
    Setting(
      "replies", "retry_pause_seconds", \.replies.retryPause,
      .seconds(0...20, smallest: .milliseconds(100), example: "2"),
      "Pause before it is published again; each further one is four times as long, up to 20 seconds."),
    Setting(
      "replies", "parking_failures", \.replies.parkingFailures, .whole(1...1000, example: 10),
      "After so many failures of one target in a row, answers to it are parked at once."),
    Setting(
      "replies", "parking_seconds", \.replies.parkingTime, .seconds(1...3600, example: "60"),
      "How long they are, until one is tried again."),
    Setting(
      "replies", "check_direct_requesters", \.replies.checksDirectRequesters, .flag,
      "Before a call, see whether the requester's direct reply-to address still exists. If not, nothing is paid and\n"
        + "the typed error is parked in ocr.unroutable. Takes one more connection to the broker."),
    Setting(
      "limits", "body_bytes", \.limits.bodyBytes, .whole(1024...128 << 20, example: 12 << 20),
      "Largest body of a request."),
    Setting(
      "limits", "bytes_in_work", \.limits.bytesInWork, .whole(1 << 20...1 << 40, example: 256 << 20),
      "Bytes of requests in work before no more are read from the broker; loops (process.loops) have even parts of it."),
    Setting(
      "limits", "documented", \.limits.documented, .choice(example: .enforce),
      "Documented sizes, formats and values: enforce answers without a call, leave_to_service lets the service decide."),
    Setting(
      "limits", "unrecognised_images", \.limits.unrecognisedImages, .choice(example: .reject),
      "Images of no known format: forward lets the service decide, reject answers without a call."),
    Setting("url", "allowed", \.url.isAllowed, .flag, "Whether requests may have an address at all."),
    Setting("url", "allow_http", \.url.allowsHTTP, .flag, "Whether http:// passes; https:// always does."),
    Setting(
      "url", "allow_numbers", \.url.allowsAddressLiterals, .flag,
      "Whether the host may be a number instead of a name. Private numbers never pass."),
    Setting(
      "url", "allowed_hosts", \.url.allowedHosts, .list("a list of hosts", example: "images.example.com, .example.org"),
      "The only hosts that pass; empty: every public one. .example.org stands for all names below it."),
    Setting(
      "url", "private_hosts", \.url.privateHosts, .list("a list of hosts", example: "images.internal"),
      "Hosts that pass although they are not public."),
    Setting("url", "max_bytes", \.url.maximumBytes, .whole(16...32 << 10, example: 2048), "Longest address."),
  ]

  private static let rateSettings: [Setting] = [
    Setting(
      "rate", "store", \.rate.store, .choice(example: .redis),
      "redis shares one rate among all relays, memory lets each process keep its own."),
    Setting(
      "rate", "max_relays", \.rate.mostRelays, .whole(1...10_000, example: 10),
      "The most relays that share the rate, each loop (process.loops) counted as one. While Redis is away, each keeps to\n"
        + "its part of it."),
    Setting(
      "rate", "limits", \.rate.limits, .rateLimits(example: "100/1m"),
      "Limits that are kept whatever the service allows, such as 100/1m; several hold together. Empty: none."),
    Setting(
      "rate", "start_calls_per_second", \.rate.startCallsPerSecond, .whole(1...1_000_000, example: 10),
      "The rate at the start, while no limit is known. It grows with every answer until the service refuses a call."),
    Setting(
      "rate", "max_concurrent_calls", \.rate.maximumConcurrentCalls, .whole(0...65_535, example: 20),
      "Most calls at the same time, of all relays that share the rate; 0: as many as the service takes."),
    Setting(
      "rate", "probe", \.rate.probes, .flag,
      "Exceed the limit by a call now and then, to see whether it was raised: less than one call in a hundred is\n"
        + "refused for that. Without it a limit that was learnt is kept until the end of the process."),
    Setting(
      "rate", "max_hold_seconds", \.rate.longestHold, .seconds(1...1500, example: "600"),
      "How long a request is held until its call may be made; then it waits in a retry queue. Stay far below the\n"
        + "broker's own bound for unacknowledged messages, 1800 by default."),
    Setting(
      "rate", "long_pause_seconds", \.rate.longPause, .seconds(1...1500, example: "120"),
      "When the service demands a longer pause than this, requests go back to the queue until it is over."),
    Setting(
      "rate", "weights", \.rate.weights, .weights(of: "publishers", example: "orders=3"),
      "Publishers (user_id) take turns; one with weight 3 has three calls in a turn. Those not named have 1."),
  ]

  private static let processSettings: [Setting] = [
    Setting(
      "retry", "enabled", \.retry.enabled, .flag,
      "Whether they wait in the retry queues; if not, the first failure is the answer."),
    Setting(
      "retry", "max_attempts", \.retry.maximumAttempts, .whole(1...100, example: 5),
      "Most calls for one request, the first included."),
    Setting(
      "retry", "budget_percent", \.retry.budgetPercent, .whole(0...100, example: 20),
      "Most retries in a hundred calls of the last minute. What is beyond waits two retry queues longer."),
    Setting(
      "retry", "budget_per_minute", \.retry.budgetPerMinute, .whole(0...1_000_000, example: 10),
      "Retries in a minute that are in order whatever their share."),
    Setting(
      "retry", "give_up_after_seconds", \.retry.giveUpAfter, .seconds(1...604_800, example: "86400"),
      "How long after its first failure a request is given up, also when it only waited for an outage to end."),
    Setting(
      "results", "kind", \.results.kind, .choice(example: .memory),
      "memory keeps them in each relay, redis for all relays as well, off keeps none. A request is the same when\n"
        + "publisher (user_id), API, message_id, parameters and body are; without message_id the body decides."),
    Setting(
      "results", "keep_seconds", \.results.lifetime, .seconds(1...2_592_000, example: "86400"),
      "How long a result is kept, unless newer ones need the room."),
    Setting(
      "results", "max_bytes", \.results.maximumBytes, .whole(65_536...1 << 34, example: 4 << 20),
      "Memory for results; the oldest leave first. One that needs more than a sixteenth of it is not kept."),
    Setting(
      "http", "listen", \.http.listen, .optionalListenAddress(example: "127.0.0.1:8080"),
      "Address and port to listen on; empty: no port is opened. There is no login: keep it off the internet."),
    Setting(
      "http", "stall_seconds", \.http.stallLimit, .seconds(2...600, example: "10"),
      "How long the process may do nothing at all before /livez says that it hangs."),
    Setting(
      "process", "loops", \.process.loops, .whole(1...64, example: 2),
      "Event loops, each with a thread, connections, a consumer and calls of its own: as many as cores are to be used.\n"
        + "amqp.prefetch and backend.max_connections hold for each of them; token, rate and the bounds for bytes for all."
    ),
    Setting(
      "shutdown", "timeout_seconds", \.shutdown.timeout, .seconds(0...3600, example: "30"),
      "How long requests in work may take before they are given back to the queue."),
    Setting("log", "level", \.log.level, .choice(example: .info), "The least important lines that are written."),
    Setting(
      "log", "format", \.log.format, .choice(example: .json), "text for people, json for collectors of logs."),
  ]
}
