import Testing

/// Gives the tests of a suite one stage: made when the first of them asks for it, gone when the last of them has ended.
struct StageTrait: SuiteTrait, TestScoping {
  /// Settings of its relay.
  var settings: [String: String]

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    try await StageHolder.$current.withValue(StageHolder(settings)) { try await function() }
  }
}

extension Trait where Self == StageTrait {
  /// One stage for the suite, with these settings of the relay.
  static func sharedStage(relay settings: [String: String]) -> StageTrait { StageTrait(settings: settings) }
}

/// The stage of a suite.
actor StageHolder {
  @TaskLocal static var current: StageHolder?

  private let settings: [String: String]
  private var start: Task<Stage, any Error>?

  init(_ settings: [String: String]) { self.settings = settings }

  func stage() async throws -> Stage {
    // Detached: any other task would hold on to the current holder, which holds on to the task.
    let start = self.start ?? Task.detached { [settings] in try await Stage.make(relay: settings) }
    self.start = start
    return try await start.value
  }
}
