/// Runs of relays, broker and OCR service around the real core, each drawn from a seed, each checked against the
/// promises. Pure: no clock, no I/O, no shared state.
public struct Simulator: Sendable {
  private let plant: PlantedBug?

  private let promises: Set<Violation.Promise>

  /// A simulator whose relays have the given bug, and which checks the given promises.
  public init(plant: PlantedBug? = nil, checking promises: Set<Violation.Promise> = Set(Violation.Promise.allCases)) {
    self.plant = plant
    self.promises = promises
  }

  /// What came of a run.
  public struct Result: Sendable, Equatable {
    /// The promise that was broken, if one was.
    public var violation: Violation?
    /// What happened.
    public var counts: RunCounts
    /// Every event in order, when asked for.
    public var trace: [String]
  }

  /// Runs one seed. The same seed, with the same program, always gives the same result.
  public func run(seed: UInt64, isTracing: Bool = false) -> Result {
    let world = World(seed: seed, plant: plant, promises: promises, isTracing: isTracing)
    world.run()
    let violation = world.stage.audit.finding.map {
      Violation(seed: seed, promise: $0.promise, detail: $0.detail, time: $0.time)
    }
    return Result(violation: violation, counts: world.stage.audit.counts, trace: world.stage.log ?? [])
  }

  /// Runs seeds one after the other until a promise is broken.
  public func run(seeds: Range<UInt64>) -> Result {
    var counts = RunCounts()
    for seed in seeds {
      let result = run(seed: seed)
      counts += result.counts
      if let violation = result.violation { return Result(violation: violation, counts: counts, trace: []) }
    }
    return Result(violation: nil, counts: counts, trace: [])
  }
}
