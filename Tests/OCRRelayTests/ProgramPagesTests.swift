import Foundation
import OCRRelay
import Testing

struct ProgramPagesTests {
  @Test("code that was used leaves memory and comes back when it is used again")
  func pagesLeaveAndComeBack() throws {
    let before = try residentFileBytes()
    ProgramPages.release()
    // Reading the figure is what brings pages back, and other tests run beside this one; most stay away.
    let after = try residentFileBytes()
    #expect(after < before, "\(before) bytes of files in memory before, \(after) after")
  }

  /// RssFile of `/proc/self/status`, in bytes.
  private func residentFileBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
    return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1])) * 1024
  }
}
