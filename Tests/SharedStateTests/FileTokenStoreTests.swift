import Foundation
import RelayCore
import TestSupport
import Testing

@testable import SharedState

@Suite struct FileTokenStoreTests {
  private static let contents = TokenContents(
    text: Secret("canary-token"), refreshText: Secret("canary-refresh"), projectID: "p", lifetime: .seconds(86_400))

  @Test(arguments: [true, false])
  func processesShareOneLoginAndItsToken(isSealed: Bool) async throws {
    let directory = try TemporaryDirectory()
    let wrapping: Wrapping = isSealed ? .sealed(Sealer(key: try SealingKey(text: SealerTests.key))) : .plain
    var drivers: [StoreDriver] = []
    for _ in 0..<8 {
      let driver = try StoreDriver()
      await driver.useFile(directory.path, wrapping)
      drivers.append(driver)
    }
    let verdicts = try await withThrowingTaskGroup(of: TokenReply.Verdict.self) { group in
      for driver in drivers { group.addTask { try await driver.verdict(.claim(LoginClaim())) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(verdicts.filter { $0 == .granted(lease: 1) }.count == 1, "\(verdicts)")
    #expect(verdicts.filter { if case .busy = $0 { true } else { false } }.count == 7)
    #expect(try await drivers[3].verdict(.save(lease: 1, Self.contents, age: .zero)) == .done)
    for driver in drivers {
      let reply = try await driver.perform(.claim(LoginClaim())).get()
      #expect(reply.verdict == .current && reply.token?.contents == Self.contents)
      await driver.stop()
    }
    let file = directory.path("token-c")
    let attributes = try FileManager.default.attributesOfItem(atPath: file)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
    #expect(text.contains("canary") == !isSealed)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["token-c", "token-c.lock"])
  }

  @Test func aTokenSurvivesItsProcess() async throws {
    let directory = try TemporaryDirectory()
    let first = try StoreDriver()
    await first.useFile(directory.path)
    _ = try await first.verdict(.claim(LoginClaim()))
    _ = try await first.verdict(.save(lease: 1, Self.contents, age: .seconds(5)))
    await first.stop()
    let second = try StoreDriver()
    await second.useFile(directory.path, now: { 1_060_000 })
    let token = try await second.perform(.load).get().token
    #expect(token?.generation == 1 && token?.age == .seconds(65))
    await second.stop()
  }

  @Test func whatCannotBeReadCountsAsNothingAndIsToldOnce() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("{\"version\":99", to: "token-c")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("token-c"))
    let driver = try StoreDriver()
    await driver.useFile(directory.path)
    for _ in 0..<3 { #expect(try await driver.perform(.load).get().token == nil) }
    #expect(await driver.unreadable.count == 1)
    #expect(try await driver.verdict(.claim(LoginClaim())) == .granted(lease: 1))
    #expect(try await driver.verdict(.save(lease: 1, Self.contents, age: .zero)) == .done)
    #expect(try await driver.perform(.load).get().token?.contents == Self.contents)
    await driver.stop()
  }

  @Test func aFileThatOthersMayReadOrThatIsALinkIsRefused() async throws {
    let directory = try TemporaryDirectory()
    let driver = try StoreDriver()
    await driver.useFile(directory.path)
    _ = try await driver.verdict(.claim(LoginClaim()))
    let file = directory.path("token-c")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    guard case .failure(let failure) = await driver.perform(.load) else {
      Issue.record("a file for everybody was read")
      return
    }
    #expect(failure.description.contains(file))
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: directory.path("elsewhere"))
    #expect(await driver.fails(.load))
    await driver.stop()
  }

  @Test func aFolderThatIsMissingIsATypedFailure() async throws {
    let directory = try TemporaryDirectory()
    let driver = try StoreDriver()
    await driver.useFile(directory.path("none"))
    #expect(await driver.fails(.load))
    await driver.stop()
  }

  /// A stopped process keeps its lock; a killed one loses it.
  @Test func aLockThatIsHeldHoldsNothingUp() async throws {
    let directory = try TemporaryDirectory()
    let holder = try await ChildProcess.start(
      "flock", ["--no-fork", directory.path("token-c.lock"), "sh", "-c", "echo locked; exec sleep 600"])
    try await holder.waitForLine(containing: "locked")
    let impatient = try StoreDriver()
    await impatient.useFile(directory.path, patience: .milliseconds(50))
    #expect(await impatient.fails(.load))
    await impatient.stop()
    let patient = try StoreDriver()
    await patient.useFile(directory.path)
    async let verdict = patient.verdict(.claim(LoginClaim()))
    async let next = patient.verdict(.load)
    await holder.kill()
    #expect(try await verdict == .granted(lease: 1))
    #expect(try await next == .done)
    await patient.stop()
  }
}
