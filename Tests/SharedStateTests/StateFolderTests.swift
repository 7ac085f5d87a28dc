import TestSupport
import Testing

@testable import SharedState

@Suite struct StateFolderTests {
  @Test(
    arguments: [
      (["STATE_DIRECTORY": "/var/lib/x:/var/lib/y", "HOME": "/home/u"], true, "/var/lib/x"),
      (["HOME": "/root"], true, "/var/lib/ocr-relay"),
      (["XDG_STATE_HOME": "/s", "HOME": "/home/u"], false, "/s/ocr-relay"),
      (["XDG_STATE_HOME": "relative", "HOME": "/home/u"], false, "/home/u/.local/state/ocr-relay"),
      (["HOME": "/home/u"], false, "/home/u/.local/state/ocr-relay"), (["HOME": "/"], false, nil), ([:], false, nil),
    ] as [([String: String], Bool, String?)])
  func theFolderIsTheExpectedOne(_ environment: [String: String], _ isRoot: Bool, _ folder: String?) {
    #expect(StateFolder.expected(environment: { environment[$0] }, isRoot: isRoot) == folder)
  }

  @Test func foldersAreMadeAndTried() throws {
    let directory = try TemporaryDirectory()
    #expect(StateFolder.prepare(directory.path("a/b/c")) == nil)
    #expect(StateFolder.prepare(directory.path("a/b/c")) == nil)
    try directory.write("x", to: "file")
    #expect(StateFolder.prepare(directory.path("file/inside")) != nil)
    #expect(StateFolder.prepare("/proc/no-such-place") != nil)
  }
}
