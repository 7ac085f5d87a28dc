internal import OCRContract

/// How many letters lay dead over time, by cause: areas upon each other, drawn without any script.
struct DepthChart: Sendable {
  /// An area.
  private struct Layer {
    var cause: String
    var values: [Int]
    /// 0 for the largest.
    var rank: Int
  }

  private static let width = 1_000.0
  private static let height = 220.0
  private static let mostLayers = 6

  private let layers: [Layer]
  private let times: [Int64]
  private let top: Int
  private let now: Int64
  private let span: DepthHistory.Span

  init(_ samples: [DepthHistory.Sample], _ span: DepthHistory.Span, now: Int64) {
    self.now = now
    self.span = span
    let samples = Self.thinned(samples)
    times = samples.map(\.at)
    let queues = QueueName.dead.filter { queue in samples.contains { ($0.depths[queue] ?? 0) > 0 } }
    func peak(_ queue: String) -> Int { samples.map { $0.depths[queue] ?? 0 }.max() ?? 0 }
    let ranked = queues.map { ($0, peak($0)) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    var layers = ranked.prefix(Self.mostLayers).enumerated().map { rank, queue in
      Layer(
        cause: String(queue.dropFirst(QueueName.deadPrefix.count)), values: samples.map { $0.depths[queue] ?? 0 },
        rank: rank)
    }
    let rest = ranked.dropFirst(Self.mostLayers)
    if !rest.isEmpty {
      let values = samples.map { sample in rest.reduce(0) { $0 + (sample.depths[$1] ?? 0) } }
      layers.append(Layer(cause: "", values: values, rank: Self.mostLayers))
    }
    self.layers = layers
    let sums = times.indices.map { index in layers.reduce(0) { $0 + $1.values[index] } }
    top = Self.roundTop(sums.max() ?? 0)
  }

  /// No more points than a screen can show.
  private static func thinned(_ samples: [DepthHistory.Sample]) -> [DepthHistory.Sample] {
    guard samples.count > 200 else { return samples }
    let step = Double(samples.count - 1) / 199
    return (0..<200).map { samples[Int((Double($0) * step).rounded())] }
  }

  /// A round number at least as large.
  private static func roundTop(_ value: Int) -> Int {
    var unit = 1
    while true {
      for factor in [1, 2, 4, 5, 8] where factor * unit >= max(value, 4) { return factor * unit }
      guard unit < Int.max / 100 else { return value }
      unit *= 10
    }
  }

  /// The chart with its legend.
  func markup(_ frame: PageFrame) -> Markup {
    guard times.count > 1 else {
      return "<p class=\"empty\">\(frame.say("The history begins now.", "历史记录从现在开始。"))</p>"
    }
    let now = layers.map { "\(name($0, frame)): \($0.values.last ?? 0)" }.joined(separator: ", ")
    let label = frame.say("Dead letters over time. Now: ", "死信数量随时间的变化。现在：") + (now.isEmpty ? "0" : now)
    return """
      <figure class="chart">
      <div class="plot"><div class="scale" aria-hidden="true"><span>\(frame.amounts.number(top))</span>\
      <span>\(frame.amounts.number(top / 2))</span><span>0</span></div>
      <svg viewBox="0 0 1000 220" preserveAspectRatio="none" role="img" aria-label="\(label)">
      <line class="grid" x1="0" x2="1000" y1="1" y2="1"/><line class="grid" x1="0" x2="1000" y1="110" y2="110"/>\
      <line class="grid" x1="0" x2="1000" y1="219" y2="219"/>\(areas)</svg></div>
      <div class="times" aria-hidden="true"><span>\(frame.amounts.span(milliseconds: self.now - start))</span>\
      <span>\(frame.say("now", "现在"))</span></div>
      \(legend(frame))
      </figure>
      """
  }

  /// The left edge: where the span begins, or the history, with a little room at least.
  private var start: Int64 { max(now - span.length, min(times.first ?? now, now - 60_000)) }

  private var areas: Markup {
    var base = [Int](repeating: 0, count: times.count)
    return .all(
      layers.map { layer in
        let above = zip(base, layer.values).map { $0 + $1 }
        let upper = zip(times, above).map { point($0, $1) }
        let lower = zip(times, base).map { point($0, $1) }.reversed()
        base = above
        return "<polygon class=\"area c\(layer.rank)\" points=\"\((upper + lower).joined(separator: " "))\"/>"
      })
  }

  private func point(_ time: Int64, _ value: Int) -> String {
    let x = Self.width * Double(time - start) / Double(max(1, now - start))
    let y = Self.height - Self.height * Double(value) / Double(top)
    func text(_ value: Double) -> String { String(Double((value * 10).rounded()) / 10) }
    return "\(text(x)),\(text(y))"
  }

  private func legend(_ frame: PageFrame) -> Markup {
    let items = layers.map { layer -> Markup in
      let count = frame.amounts.number(layer.values.last ?? 0)
      let text: Markup = "<span class=\"swatch c\(layer.rank)\"></span>\(name(layer, frame)) <b>\(count)</b>"
      guard ErrorClass(rawValue: layer.cause) != nil else { return "<li>\(text)</li>" }
      return "<li><a href=\"/letters?cause=\(layer.cause)\">\(text)</a></li>"
    }
    return items.isEmpty ? .none : "<ul class=\"legend\">\(items)</ul>"
  }

  private func name(_ layer: Layer, _ frame: PageFrame) -> String {
    ErrorClass(rawValue: layer.cause)?.title(frame.language) ?? frame.say("others", "其他")
  }
}
