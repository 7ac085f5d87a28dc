import Foundation
import OCRContract
import RelayCore
import Testing

@testable import HuaweiCloud

struct ErrorTableTests {
  /// One row of the published table.
  private struct Row: Decodable {
    var domain: String
    var code: String
    var status: [Int]
    var match: [String]?
    var `class`: String
    var retry: String
    var dead_letter: Bool
    var scope: String
    var min_wait_s: Int?
    var max_attempts: Int?
    var throttle: String?
    var advice: String
  }

  private func publishedRows() throws -> [Row] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "config/errors.json"))
    return try JSONDecoder().decode([Row].self, from: data)
  }

  @Test func generatedTableAgreesWithThePublishedOne() throws {
    let rows = try publishedRows()
    #expect(rows.count == 364)
    #expect(ErrorTable.entries.count == rows.count)
    for (entry, row) in zip(ErrorTable.entries, rows) {
      #expect(entry.domain.rawValue == row.domain)
      #expect(entry.code == row.code)
      #expect(entry.statuses == row.status)
      #expect(entry.phrases == row.match ?? [])
      #expect(entry.errorClass?.rawValue ?? row.class == row.class)
      #expect(entry.errorClass != nil || ["success", "unknown"].contains(row.class))
      #expect(entry.retry.rawValue == row.retry)
      #expect(entry.deadLetter == row.dead_letter)
      #expect(entry.scope.rawValue == row.scope)
      #expect(entry.minimumWait == row.min_wait_s.map { .seconds($0) })
      #expect(entry.maxAttempts == row.max_attempts)
      #expect(entry.throttle.rawValue == row.throttle ?? "rate")
      #expect(entry.advice == row.advice)
    }
  }

  /// A refused login or token is never the request's own fault: none of these may be given up one after the other.
  @Test func refusalsOfTheRelayItselfConcernEveryone() {
    let refused = ErrorTable.entries.filter { $0.statuses.contains(401) || $0.retry == .afterTokenRefresh }
    #expect(refused.count > 10)
    // A gateway that cannot look a key up answers with 401 as well; that is its own failure, and everyone's.
    for row in refused where row.errorClass != .upstreamFailure {
      #expect(row.scope == .credential, "\(row.domain) \(row.code)")
    }
    for row in ErrorTable.entries where row.errorClass == .authExpired || row.errorClass == .authMisconfigured {
      #expect(row.scope != .message, "\(row.domain) \(row.code)")
    }
  }

  @Test func entriesAreUsable() {
    for entry in ErrorTable.entries {
      #expect(entry.advice.utf8.count <= 160 && entry.advice.hasSuffix("."))
      let ours: [ErrorClass?] = [.deadlineExceeded, .poison, .unroutable, .replyForbidden, .malformed, .unsupportedAPI]
      #expect(!ours.contains(entry.errorClass))
      if entry.errorClass != nil { #expect(entry.relayCode.errorClass == entry.errorClass, "\(entry)") }
      if entry.deadLetter { #expect(entry.retry == .never) }
    }
  }

  /// Each entry that a message can lead to is found by its own status and a message of its own.
  @Test(arguments: ErrorTable.entries.indices)
  func everyEntryCanBeReached(_ index: Int) {
    let entry = ErrorTable.entries[index]
    let message = entry.phrases.first.map {
      $0.replacing("^", with: "").replacing("$", with: "").replacing("*", with: "some ")
    }
    let found = ErrorTable.entry(
      domain: entry.domain, code: entry.code, status: entry.statuses.first ?? 400,
      message: FoldedMessage(message?.uppercased() ?? "no such words"))
    #expect(found == entry)
  }

  @Test func explanationsIgnoreCase() {
    #expect(ErrorTable.explain("apig.0301").count == 7)
    #expect(ErrorTable.explain("AIS.0103").map(\.domain) == [.ocr])
    #expect(Set(ErrorTable.explain("401").map(\.domain)) == [.iam, .http])
    #expect(ErrorTable.explain("nonsense").isEmpty)
  }

  @Test(arguments: [
    ("token expire", "Token expires soon", true), ("^a*c$", "abbbc", true), ("^a*c$", "xabbc", false),
    ("^a*c$", "abbcx", false), ("^$", "", true), ("^$", "x", false), ("a*b*c", "1a2b3c4", true),
    ("a*b*c", "acb", false), ("^abc$", "abc", true), ("^abc$", "abcd", false), ("b$", "aab", true),
    ("ab*ba$", "aba", false), ("无权访问 *分组", "无权访问 VIP 分组", true), ("", "anything", true),
    ("longer than the message", "short", false),
  ])
  func phrases(_ phrase: String, _ message: String, _ expected: Bool) {
    #expect(FoldedMessage(message).contains(phrase) == expected)
  }

  @Test(arguments: 0...700)
  func everyStatusHasAnEntry(_ status: Int) {
    #expect(ErrorTable.httpEntry(status: status).domain == .http)
  }
}
