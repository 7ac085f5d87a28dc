import OCRContract
import Synchronization
import Testing

@testable import ocr_relay

@Suite struct RecognizeRunTests {
  private final class Printed: Sendable {
    let output = Mutex("")
    let errors = Mutex("")

    var sink: RecognizeRun.Sink {
      .init(
        output: { text in self.output.withLock { $0 += text } }, errors: { text in self.errors.withLock { $0 += text } }
      )
    }
  }

  private func makeRun(_ files: [String], width: Int = 2, isJSON: Bool = false, _ printed: Printed) -> RecognizeRun {
    RecognizeRun(
      files: files, width: width,
      text: OutcomeText(api: "general-text", isJSON: isJSON, hasHeadings: files.count > 1),
      progress: Progress(total: files.count, isScreen: false), sink: printed.sink)
  }

  private static func answer(_ text: String) -> RequestOutcome {
    .result(Array("{\"result\":{\"words_block_list\":[{\"words\":\"\(text)\"}]}}".utf8))
  }

  @Test func outcomesArePrintedInTheOrderOfTheFiles() async {
    let printed = Printed()
    var run = makeRun(["a", "b", "c"], width: 3, printed)
    let gate = AsyncStream<Void>.makeStream()
    let files = run.files
    let status = await run.run { index in
      let file = files[index]
      // The first file is answered only after the last one.
      if file == "a" { for await _ in gate.stream { break } }
      if file == "c" { gate.continuation.yield() }
      return Self.answer("text of \(file)")
    }
    #expect(status == .success)
    #expect(
      printed.output.withLock { $0 } == """
        == a (general-text)
        text of a
        == b (general-text)
        text of b
        == c (general-text)
        text of c

        """)
  }

  @Test func noMoreThanTheWidthIsInFlight() async {
    let printed = Printed()
    var run = makeRun((0..<50).map(String.init), width: 4, printed)
    let counts = Mutex((now: 0, most: 0))
    _ = await run.run { index in
      counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      await Task.yield()
      counts.withLock { $0.now -= 1 }
      return Self.answer(String(index))
    }
    #expect(counts.withLock { $0.most } <= 4)
    #expect(printed.output.withLock { $0.split(separator: "\n").count } == 100)
  }

  @Test(arguments: [
    (["ok", "ok"], ExitReason.success), (["ok", "problem"], .requestFailed), (["unreadable"], .requestFailed),
    (["late", "problem"], .timeout), (["problem", "late"], .timeout), (["late", "broker", "ok"], .brokerUnreachable),
  ])
  func theMostSeriousOutcomeDecides(files: [String], expected: ExitReason) async {
    let printed = Printed()
    var run = makeRun(files, printed)
    let status = await run.run { index in
      switch files[index] {
      case "problem": .problem(Problem(code: .imageDamaged, attempts: 1))
      case "unreadable": .unreadable("no such file")
      case "late": .timedOut
      case "broker": .brokerFailed("connection refused")
      default: Self.answer(files[index])
      }
    }
    #expect(status == expected)
    let failures = files.filter { $0 != "ok" }
    #expect(printed.errors.withLock { errors in failures.allSatisfy { errors.contains("\($0): ") } })
  }

  @Test func jsonIsOneLineForEachFile() async throws {
    let printed = Printed()
    var run = makeRun(["ok", "late"], isJSON: true, printed)
    _ = await run.run { $0 == 0 ? Self.answer("x") : .timedOut }
    let lines = try printed.output.withLock { $0 }.split(separator: "\n").map { try JSONReader.read(Array($0.utf8)) }
    #expect(lines.map { $0["ok"]?.flag } == [true, false])
    #expect(lines[0]["result"]?["result"]?["words_block_list"]?.elements?.first?["words"]?.text == "x")
    #expect(lines[1]["error"]?["detail"]?.text?.hasPrefix("no answer in time") == true)
  }
}
