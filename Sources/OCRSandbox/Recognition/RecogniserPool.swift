import FoundationEssentials

/// Reads the text of a picture file. The server knows recognition by this alone.
protocol Recogniser: Sendable {
  /// All text; refuses with the service's own refusals when the file is damaged.
  func read(_ file: Data, findDirection: Bool) async throws(Refusal) -> Page
}

/// A fixed number of Tesseract engines; a call waits, in order, until one is free.
actor RecogniserPool: Recogniser {
  private var idle: [RecogniserEngine]
  private var waiting: [CheckedContinuation<RecogniserEngine, Never>] = []

  /// Loads `engines` engines; at least one.
  init(engines: Int) throws(RecogniserError) {
    var idle: [RecogniserEngine] = []
    for _ in 0..<max(1, engines) { idle.append(try RecogniserEngine()) }
    self.idle = idle
  }

  func read(_ file: Data, findDirection: Bool) async throws(Refusal) -> Page {
    let engine = await take()
    let page = await engine.read(file, findDirection: findDirection)
    giveBack(engine)
    guard let page else { throw .unsupportedFormat }
    return page
  }

  private func take() async -> RecogniserEngine {
    if let engine = idle.popLast() { return engine }
    return await withCheckedContinuation { waiting.append($0) }
  }

  private func giveBack(_ engine: RecogniserEngine) {
    if waiting.isEmpty { idle.append(engine) } else { waiting.removeFirst().resume(returning: engine) }
  }
}

/// Reads nothing: every picture holds the same made-up line. For load tests.
struct InstantRecogniser: Recogniser {
  func read(_ file: Data, findDirection: Bool) async throws(Refusal) -> Page {
    let size = Picture.size(of: file) ?? (width: 100, height: 100)
    let box = Box(left: 0, top: 0, right: size.width, bottom: size.height)
    let word = Word(text: "sandbox", confidence: 1, box: box)
    return Page(
      width: size.width, height: size.height, direction: findDirection ? 0 : nil, lines: [Line(words: [word])])
  }
}
