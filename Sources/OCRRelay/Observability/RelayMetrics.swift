internal import OCRContract
public import Telemetry

/// Every metric of the service: one table behind `/metrics`, its documentation and the checks of dashboards and alerts.
///
/// Names are part of the product: they are never changed or used again for something else. Labels come from closed
/// lists (codes, classes, APIs of the catalogue); nothing that a publisher can choose is ever one.
public enum RelayMetrics {
  /// The metrics of a relay, in the order in which they are shown.
  public static let families: [MetricFamily<RelayStatus>] = requests + calls + broker + credential + resources

  /// All metrics as Prometheus text.
  static func text(_ status: RelayStatus, process: ProcessUsage?, libraries: LibraryMetrics?) -> String {
    var text = PrometheusText()
    for family in families { text.add(family, of: status) }
    if let process {
      for family in ProcessUsage.families { text.add(family, of: process) }
    }
    libraries?.write(to: &text)
    return text.text
  }

  private static let requests: [MetricFamily<RelayStatus>] = [
    .counter("ocr_relay_deliveries_total", "Requests taken from the work queue.", \.counters.deliveries),
    .counter("ocr_relay_acknowledged_total", "Requests that are finished.", \.counters.acknowledged),
    .counter("ocr_relay_results_total", "Results published.", \.counters.results),
    .counter(
      "ocr_relay_reused_results_total", "Results published that an earlier call had brought.",
      \.counters.reusedResults),
    .counter("ocr_relay_errors_total", "Typed errors published.", \.counters.errors),
    .counter("ocr_relay_retries_total", "Requests put off to a retry level.", \.counters.retries),
    .counter("ocr_relay_dead_letters_total", "Dead copies published.", \.counters.deadLetters),
    .counter("ocr_relay_unroutable_total", "Answers parked because no queue took them.", \.counters.unroutable),
    .counter(
      "ocr_relay_requesters_gone_total", "Requests that were not called for because their requester had left.",
      \.counters.requestersGone),
    .counter(
      "ocr_relay_refused_publishes_total", "Messages that the broker refused and that were published again.",
      \.counters.refusedPublishes),
    .counter(
      "ocr_relay_lost_deliveries_total", "Requests whose connection was lost in work; the broker delivers them again.",
      \.counters.lost),
    MetricFamily(
      "ocr_relay_request_failures_total", .counter, "Requests that ended with an error, by code and class.",
      labels: ["code", "class"]
    ) { byCode($0.counters.requestFailures) },
    .histogram(
      "ocr_relay_request_seconds", "Time of requests from delivery to acknowledgement.", \.counters.requestTime),
    .gauge("ocr_relay_in_work", "Requests in work.", \.inFlight),
    .gauge("ocr_relay_in_work_limit", "Requests in work at most (amqp.prefetch).", \.prefetch),
    MetricFamily("ocr_relay_oldest_in_work_seconds", .gauge, "Age of the oldest request in work.") { status in
      [MetricSample(.decimal(status.oldestSeconds ?? 0))]
    },
    .gauge(
      "ocr_relay_waiting_for_publisher", "Requests in work that wait until answers can be published.",
      \.waitingForPublisher),
  ]

  private static let calls: [MetricFamily<RelayStatus>] = [
    MetricFamily("ocr_relay_calls_total", .counter, "Calls of the OCR service, by API.", labels: ["api"]) { status in
      status.counters.callsByAPI.sorted { $0.key < $1.key }.map { api, count in
        MetricSample(.whole(count), labels: [("api", api)])
      }
    },
    MetricFamily(
      "ocr_relay_call_failures_total", .counter,
      "Calls that failed, those that are made again included, by code and class.", labels: ["code", "class"]
    ) { byCode($0.counters.callFailures) },
    .histogram(
      "ocr_relay_call_seconds", "Time of calls, waiting for a connection included.", \.counters.callTime),
    .gauge("ocr_relay_active_calls", "Calls under way.", \.activeCalls),
    .counter(
      "ocr_relay_set_aside_requests_total",
      "Requests moved to the overflow queue: their publisher had more than its share.",
      \.counters.setAside),
    .counter("ocr_relay_throttled_calls_total", "Calls refused for too many calls.", \.counters.throttled),
    .gauge("ocr_relay_waiting_for_permit", "Requests that wait until one more call may be made.", \.waitingForPermit),
    MetricFamily("ocr_relay_call_rate", .gauge, "Calls per second that the limits allow, as far as known.") { status in
      [MetricSample(.decimal(status.callsPerSecond))]
    },
    MetricFamily("ocr_relay_call_pause_seconds", .gauge, "Time until calls may be made again.") { status in
      [MetricSample(.decimal(status.pauseSeconds))]
    },
    MetricFamily(
      "ocr_relay_gate", .gauge, "1 for the state of the gate that keeps requests in the queue: open, probing, closed.",
      labels: ["state"]
    ) { status in
      ["open", "probing", "closed"].map { MetricSample(.whole(status.gate == $0 ? 1 : 0), labels: [("state", $0)]) }
    },
    MetricFamily(
      "ocr_relay_gate_reason", .gauge, "1 for the code of the failure that keeps requests in the queue.",
      labels: ["code"]
    ) { status in
      status.gateReason.map { [MetricSample(.whole(1), labels: [("code", $0)])] } ?? []
    },
    .counter(
      "ocr_relay_gate_closings_total", "Times that consuming stopped because every call would fail.",
      \.counters.gateClosings),
  ]

  private static let broker: [MetricFamily<RelayStatus>] = [
    .flag("ocr_relay_ready", "1 when requests are taken, called for and answered.", \.isReady),
    .flag("ocr_relay_consuming", "1 when the broker delivers requests to this process.", \.isConsuming),
    MetricFamily(
      "ocr_relay_broker_connected", .gauge, "1 when the connection stands.", labels: ["purpose"]
    ) { perConnection($0.isConsumeLinkOpen ? 1 : 0, $0.isPublishLinkOpen ? 1 : 0) },
    MetricFamily(
      "ocr_relay_broker_connection_attempts_total", .counter, "Connections to the broker begun.", labels: ["purpose"]
    ) { perConnection($0.consumeConnections, $0.publishConnections) },
    .flag("ocr_relay_broker_blocked", "1 when the broker takes no messages, for lack of memory or disk.", \.isBlocked),
    .gauge(
      "ocr_relay_unsettled_publishes", "Messages published and not settled by the broker yet.", \.unsettledPublishes),
  ]

  private static let credential: [MetricFamily<RelayStatus>] = [
    .gauge("ocr_relay_token_left_seconds", "Time until the token ends; none without a token.") { status in
      status.tokenSecondsLeft.map { Int(clamping: $0) }
    },
    MetricFamily(
      "ocr_relay_credential_events_total", .counter, "What became of tokens, keys and logins.", labels: ["event"]
    ) { status in
      status.credentials.events.map { MetricSample(.whole($0.count), labels: [("event", $0.name)]) }
    },
  ]

  private static let resources: [MetricFamily<RelayStatus>] = [
    .gauge("ocr_relay_body_bytes", "Bytes of message bodies in memory.", \.bytesInWork),
    .gauge(
      "ocr_relay_body_limit_bytes", "Bytes of message bodies before no more is read (limits.bytes_in_work).",
      \.bytesInWorkLimit),
    .counter("ocr_relay_dropped_log_lines_total", "Lines of the log that nobody took.", \.droppedLogLines),
    .counter("ocr_relay_exported_spans_total", "Spans that the collector of traces has.", \.exportedSpans),
    .counter(
      "ocr_relay_dropped_spans_total", "Spans given up because the collector did not take them in time.",
      \.droppedSpans),
  ]

  /// A sample for every code, so that the first occurrence of one is an increase.
  private static func byCode(_ counts: [ErrorCode: Int]) -> [MetricSample] {
    ErrorCode.allCases.map { code in
      MetricSample(
        .whole(counts[code] ?? 0), labels: [("code", code.rawValue), ("class", code.errorClass.rawValue)])
    }
  }

  private static func perConnection(_ consuming: Int, _ publishing: Int) -> [MetricSample] {
    [("consuming", consuming), ("publishing", publishing)].map { name, value in
      MetricSample(.whole(value), labels: [("purpose", name)])
    }
  }
}
