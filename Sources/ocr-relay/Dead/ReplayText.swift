import DeadLetters
import Glibc
import OCRContract

/// What a replay will do, does and has done, for people.
enum ReplayText {
  /// What would be sent, and what there is to mind about it.
  static func plan(_ statistics: LetterStatistics) -> [String] {
    guard statistics.total.letters > 0 else { return ["no letters match"] }
    let causes = LetterStatistics.ranked(statistics.causes).map { "\(AgeText.count($0.group.letters)) \($0.name)" }
    var lines = ["\(AgeText.count(statistics.total.letters)) letters to send: \(causes.joined(separator: ", "))"]
    if statistics.repliesToConnections > 0 {
      lines.append(
        "\(AgeText.count(statistics.repliesToConnections)) want their answers at an address that ends with the "
          + "publisher's connection; if that is gone, so are the answers")
    }
    if statistics.late > 0 {
      lines.append("\(AgeText.count(statistics.late)) have a deadline that is over; they are sent without one")
    }
    if statistics.replayed > 0 {
      lines.append("\(AgeText.count(statistics.replayed)) were replayed before and failed again")
    }
    return lines.map { PrintableText.of($0) }
  }

  /// One line while it runs.
  static func progress(_ result: ReplayResult) -> String {
    let total = result.planned
    var text = "\(AgeText.count(result.sentBefore + result.sent)) of \(AgeText.count(total)) sent, "
    text += "\(AgeText.count(result.recognised)) recognised"
    if result.failures > 0 { text += ", \(AgeText.count(result.failures)) failed" }
    return text
  }

  /// What has become of the letters, and what to do about the rest.
  static func lines(of result: ReplayResult, plan: String) -> [String] {
    var lines = ["\(AgeText.count(result.sent)) letters sent, \(AgeText.count(result.recognised)) recognised"]
    if result.sentBefore > 0 { lines.append("\(AgeText.count(result.sentBefore)) had been sent before") }
    for (code, count) in result.failedAgain.sorted(by: { $0.key < $1.key }) {
      lines.append("\(AgeText.count(count)) failed again: \(code)")
      if let advice = ErrorCode(rawValue: code)?.advice { lines.append("  \(advice)") }
    }
    for (reason, count) in result.notMoved.sorted(by: { $0.key < $1.key }) {
      lines.append("\(AgeText.count(count)) could not be sent and stay where they are: \(reason)")
    }
    if result.silent > 0 {
      lines.append(
        "\(AgeText.count(result.silent)) without news: still in work, or waiting for their next try, or relays may not "
          + "answer to amq.gen-* (setting replies.allow)")
    }
    if result.gone > 0 { lines.append("\(AgeText.count(result.gone)) were gone from their queues") }
    if let stop = result.stop { lines += stopped(stop, result, plan) }
    return lines.map { PrintableText.of($0) }
  }

  private static func stopped(_ stop: ReplayResult.Stop, _ result: ReplayResult, _ plan: String) -> [String] {
    let reason =
      switch stop {
      case .canaryDied(let code): "the canary failed again with \(code)"
      case .canarySilent: "there was no news of the canary in time"
      case .failures: "too many failed"
      case .operatorStopped: "an operator has stopped it"
      }
    let rest = "\(AgeText.count(result.remaining)) letters were not sent"
    return [
      "stopped: \(reason); \(rest)", "when the cause is mended: ocr-relay dead replay --plan \(plan)",
    ]
  }

  static func reason(for result: ReplayResult) -> ExitReason {
    if result.failures > 0 { return .requestFailed }
    return result.silent > 0 ? .timeout : .success
  }

  /// `20260102-030405`, in UTC.
  static func stamp(_ milliseconds: Int64) -> String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(parts.tm_year + 1900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))-"
      + "\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))"
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
