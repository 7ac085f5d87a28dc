internal import DeadLetters

/// How full queues were: closely for the last hour, roughly for the last day. Its size has a bound.
struct DepthHistory: Sendable, Equatable {
  /// The depths at one moment.
  struct Sample: Sendable, Equatable {
    /// Milliseconds since 1970.
    var at: Int64
    /// Messages by queue; nil for a queue of which nothing certain was known.
    var depths: [String: Int]
  }

  /// How far back to look.
  enum Span: String, Sendable, CaseIterable {
    case hour, day

    /// In milliseconds.
    var length: Int64 { self == .hour ? 3_600_000 : 86_400_000 }
  }

  private static let mostFine = 400
  private static let mostCoarse = 300
  private static let coarseStep: Int64 = 300_000

  private var fine: [Sample] = []
  private var coarse: [Sample] = []

  /// The latest sample.
  var last: Sample? { fine.last }

  /// Adds what was read. A queue that somebody looks through seems empty meanwhile: what it held before counts.
  mutating func add(_ depths: [String: QueueDepth], at now: Int64, queues: [String]) {
    var sample = Sample(at: now, depths: [:])
    for queue in queues {
      if let depth = depths[queue], depth.consumers == 0 || !Self.isLookedThrough(queue) {
        sample.depths[queue] = depth.waiting
      } else if depths[queue] != nil {
        sample.depths[queue] = last?.depths[queue]
      }
    }
    fine.append(sample)
    if fine.count > Self.mostFine { fine.removeFirst(fine.count - Self.mostFine) }
    guard coarse.last.map({ now - $0.at >= Self.coarseStep }) ?? true else { return }
    coarse.append(sample)
    if coarse.count > Self.mostCoarse { coarse.removeFirst(coarse.count - Self.mostCoarse) }
  }

  /// Nobody consumes dead letters but operators.
  private static func isLookedThrough(_ queue: String) -> Bool { queue.hasPrefix("ocr.dead.") || queue == "ocr.parked" }

  /// The samples of a span, oldest first.
  func samples(_ span: Span, now: Int64) -> [Sample] {
    let samples = span == .hour ? fine : coarse.filter { $0.at < fine.first?.at ?? .max } + fine
    return samples.filter { $0.at >= now - span.length }
  }
}
