internal import EventLoop
internal import Glibc

/// A plan on disk. It appears whole or not at all, and grows by a line for each step; only its owner may read it.
///
/// Isolation: not `Sendable`; belongs to its desk's loop.
final class PlanFile {
  private(set) var plan: ReplayPlan
  let path: String
  private let descriptor: Int32

  /// Larger files are no plans: a million letters take less.
  private static let sizeLimit = 512 << 20

  private init(plan: ReplayPlan, path: String, descriptor: Int32) {
    self.plan = plan
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Writes a new plan; an existing file is an error.
  static func create(_ plan: ReplayPlan, at path: String) throws(DeadLetterError) {
    let draft = "\(path).\(getpid()).part"
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(path) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    var pending: [UInt8] = []
    try plan.write { (line) throws(DeadLetterError) in
      pending += line.utf8
      pending.append(UInt8(ascii: "\n"))
      guard pending.count >= 64 << 10 else { return }
      try write(pending, to: descriptor, path)
      pending.removeAll(keepingCapacity: true)
    }
    try write(pending, to: descriptor, path)
    guard fsync(descriptor) == 0, link(draft, path) == 0 else { throw failure(path) }
  }

  /// Opens a plan to go on with it.
  static func open(_ path: String) throws(DeadLetterError) -> PlanFile {
    let descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    do throws(DeadLetterError) {
      let text = try read(descriptor, path)
      let plan = try ReplayPlan(file: text, path: path)
      try dropTornLine(text, descriptor, path)
      return PlanFile(plan: plan, path: path, descriptor: descriptor)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func dropTornLine(_ text: [UInt8], _ descriptor: Int32, _ path: String) throws(DeadLetterError) {
    let whole = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard whole < text.count, ftruncate(descriptor, whole) != 0 else { return }
    throw failure(path)
  }

  // MARK: Steps

  func notePublished(_ letter: LetterID) throws(DeadLetterError) {
    plan.notePublished(letter)
    try append(ReplayPlan.publishedLine(letter))
  }

  func noteCanaryPassed() throws(DeadLetterError) {
    plan.noteCanaryPassed()
    try append(ReplayPlan.canaryLine)
  }

  func noteOutcome(_ letter: LetterID, _ outcome: String) throws(DeadLetterError) {
    try append(ReplayPlan.outcomeLine(letter, outcome))
  }

  private func append(_ line: String) throws(DeadLetterError) {
    try Self.write(Array(line.utf8) + [UInt8(ascii: "\n")], to: descriptor, path)
  }

  // MARK: Bytes

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(DeadLetterError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(path) }
      rest = rest.dropFirst(count)
    }
  }

  private static func read(_ descriptor: Int32, _ path: String) throws(DeadLetterError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while bytes.count <= sizeLimit {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw .file(path: path, reason: "it is too large for a replay plan")
  }

  private static func failure(_ path: String) -> DeadLetterError {
    .file(path: path, reason: systemErrorMessage(errno))
  }
}

extension ReplayPlan {
  /// As `init(reading:)`, with an error for people.
  fileprivate init(file text: [UInt8], path: String) throws(DeadLetterError) {
    do throws(Invalid) {
      try self.init(reading: text)
    } catch {
      throw .file(path: path, reason: error.reason)
    }
  }
}
