import ArgumentParser
import DeadLetters
import Synchronization

/// `ocr-relay dead list`.
struct DeadListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List dead letters, oldest first within each cause.",
    discussion: """
      --json prints one object a line: id, fingerprint, queue, cause, code, message, api, user, attempts, \
      first_failed_at_ms, last_failed_at_ms, replay_count, history, backend, backend_code, message_id, correlation_id, \
      reply_to, deadline_ms, content_type, bytes, origin_exchange, origin_routing_key, origin_queue, traceparent. \
      Members keep their names and meanings; new ones may come.
      """)

  @OptionGroup var filter: FilterOptions
  @OptionGroup var broker: BrokerAddressOptions

  @Flag(help: "List the letters that were put aside instead.")
  var parked = false

  @Option(help: "The most letters to list.")
  var limit = 50

  @Flag(help: "Print one JSON object for each letter.")
  var json = false

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit: at least 1.") }
  }

  /// Letters found, and the first of them.
  private struct Found: Sendable {
    var shown: [LetterRecord] = []
    var count = 0
  }

  func run() throws {
    let filter = try filter.filter()
    let place = parked ? LetterPlace.parked : .dead
    try Desk.run(broker) { [self] desk in
      let found = Mutex(Found())
      try await desk.read(place, filter, withBodies: false) { letter in
        let isShown = found.withLock { found in
          found.count += 1
          guard found.count <= limit else { return false }
          if !json { found.shown.append(letter.record) }
          return true
        }
        if json, isShown { Terminal.print(letter.record.json()) }
      }
      if !json { show(found.withLock { $0 }) }
      return .success
    }
  }

  private func show(_ found: Found) {
    guard found.count > 0 else { return Terminal.printError("no letters match") }
    var table = TextTable(["FAILED", "CODE", "API", "PUBLISHER", "REPLAYS", "SIZE", "ID"], numbers: [4, 5])
    let now = DeadLetterDesk.now
    for letter in found.shown {
      table.add([
        AgeText.since(letter.lastFailedAt, now: now), letter.code, letter.api ?? "-", letter.user ?? "-",
        String(letter.replayCount), AgeText.size(letter.bytes), letter.name,
      ])
    }
    Terminal.print(table.lines.joined(separator: "\n"))
    if found.count > found.shown.count {
      Terminal.printError("\(AgeText.count(found.count - found.shown.count)) more; --limit shows more of them")
    }
  }
}
