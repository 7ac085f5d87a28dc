internal import DeadLetters
internal import Synchronization

/// Looks at letters and works on them, one thing at a time. The broker's lock is held only meanwhile.
actor LetterOffice {
  /// Why letters cannot be shown or worked on.
  enum Problem: Error, Equatable {
    /// Another job of this console is at work.
    case working
    /// The desk says why.
    case desk(DeadLetterError)
    /// There is no such letter, or no more.
    case gone
  }

  /// What is known of the letters of a place, and why not more.
  struct View: Sendable {
    var census: Census?
    var problem: Problem?
  }

  private let desk: DeadLetterDesk
  let shelf: PlanShelf
  private var dead = View()
  private var parked = View()
  private var cache = ExhibitCache(limit: 64 << 20)
  private var isAtWork = false
  private var waiting: [CheckedContinuation<Void, Never>] = []
  var jobs: [Job] = []
  /// Told of each job that has ended.
  private(set) var onEnd: @Sendable (Job) async -> Void = { _ in }

  /// Up to so many letters are looked through without being asked to.
  static let mostLettersUnasked = 20_000
  /// RabbitMQ 4 drops a letter after 20 deliveries, unless a policy forbids it.
  static let mostLooksUnasked = 8
  private static let leastPause: Int64 = 3_000
  /// Bodies of up to this size are kept as samples.
  private static let sampleBytes = 4 << 20

  init(_ options: ConsoleOptions) throws {
    desk = try DeadLetterDesk(urls: options.brokers, options: options.desk)
    shelf = try PlanShelf(folder: options.stateFolder)
  }

  // MARK: Looking

  /// What is in the queues. They are looked through when that is wanted, when nothing is known yet, or when their depth
  /// has changed and looking costs little. `countsLooks` tells that the broker drops letters that were looked at often.
  func view(isParked: Bool, depth: Int?, countsLooks: Bool, isWanted: Bool = false) async -> View {
    let known = isParked ? parked : dead
    guard runningJob == nil else { return View(census: known.census, problem: .working) }
    if let census = known.census, !isWanted {
      let age = SystemTime.milliseconds - census.takenAt
      let isSame = depth.map { $0 == census.statistics.total.letters } ?? true
      let isDear =
        max(depth ?? 0, census.statistics.total.letters) > Self.mostLettersUnasked
        || (countsLooks && census.statistics.highestDeliveryCount >= Self.mostLooksUnasked)
      if age < Self.leastPause || (isSame && known.problem == nil) || isDear { return known }
    }
    await look(isParked: isParked)
    return isParked ? parked : dead
  }

  private func look(isParked: Bool) async {
    let began = SystemTime.milliseconds
    let counted: Result<(Census, [(String, Exhibit)]), Problem>
    do throws(Problem) {
      // Whoever waited while another looked has its result.
      try await takeTurn()
      defer { endTurn() }
      if let census = (isParked ? parked : dead).census, census.takenAt >= began { return }
      counted = .success(try await count(isParked: isParked))
    } catch {
      counted = .failure(error)
    }
    var view = isParked ? parked : dead
    switch counted {
    case .success(let (census, exhibits)):
      for (letter, exhibit) in exhibits { cache.insert(exhibit, for: letter) }
      view = View(census: census)
    case .failure(let problem): view.problem = problem
    }
    if isParked { parked = view } else { dead = view }
  }

  private func count(isParked: Bool) async throws(Problem) -> (Census, [(String, Exhibit)]) {
    let state = Mutex((census: Census(takenAt: SystemTime.milliseconds), exhibits: [(String, Exhibit)]()))
    try await asking { () async throws(DeadLetterError) in
      try await self.desk.read(
        isParked ? .parked : .dead, LetterFilter(),
        wantsBody: { letter in
          state.withLock { state in
            state.census.add(letter)
            return letter.bytes <= Self.sampleBytes && state.census.wantsSample(letter)
          }
        },
        { letter in
          guard !letter.body.isEmpty, let id = letter.record.fingerprint?.text else { return }
          let exhibit = Exhibit(letter)
          guard case .picture = exhibit else { return }
          state.withLock { state in
            state.census.addSample(letter.record)
            state.exhibits.append((id, exhibit))
          }
        })
    }
    return state.withLock { ($0.census, $0.exhibits) }
  }

  /// One letter with its body.
  func letter(_ id: String, isParked: Bool) async throws(Problem) -> Letter {
    guard runningJob == nil else { throw .working }
    var choice = LetterChoice.one(id, isParked: isParked)
    // Its queue alone has to be looked through, if it is known.
    if !isParked, let known = dead.census?.letter(id) {
      choice = .group(code: known.code, cause: known.cause, isParked: false)
      choice.letter = id
    }
    try await takeTurn()
    defer { endTurn() }
    let found = Mutex<Letter?>(nil)
    let (place, filter) = (choice.place, choice.filter)
    try await asking { () async throws(DeadLetterError) in
      try await self.desk.read(place, filter, withBodies: true) { letter in
        found.withLock { if $0 == nil { $0 = letter } }
      }
    }
    guard let letter = found.withLock({ $0 }) else { throw .gone }
    cache.insert(Exhibit(letter), for: id)
    return letter
  }

  /// Counts the letters of a choice, exactly as they are now.
  func count(_ choice: LetterChoice) async throws(Problem) -> LetterStatistics {
    guard runningJob == nil else { throw .working }
    try await takeTurn()
    defer { endTurn() }
    return try await asking { () async throws(DeadLetterError) in
      try await self.desk.statistics(of: choice.place, choice.filter)
    }
  }

  /// What is known of a letter without looking for it.
  func known(_ id: String, isParked: Bool) -> LetterRecord? { (isParked ? parked : dead).census?.letter(id) }

  /// The picture of a letter.
  func exhibit(_ id: String, isParked: Bool) async throws(Problem) -> Exhibit {
    if let exhibit = cache.take(id) { return exhibit }
    return Exhibit(try await letter(id, isParked: isParked))
  }

  // MARK: Turns

  var runningJob: Job? { jobs.last { $0.state == .running } }

  func takeTurn() async throws(Problem) {
    while isAtWork { await withCheckedContinuation { waiting.append($0) } }
    isAtWork = true
  }

  func endTurn() {
    isAtWork = false
    let next = waiting
    waiting.removeAll()
    for continuation in next { continuation.resume() }
  }

  /// Runs a piece of the desk's work.
  func asking<Value: Sendable>(
    _ body: () async throws(DeadLetterError) -> Value
  ) async throws(Problem) -> Value {
    do throws(DeadLetterError) {
      return try await body()
    } catch {
      throw .desk(error)
    }
  }

  /// What is known of the letters may be wrong now.
  func forget() {
    dead = View()
    parked = View()
  }

  var ownDesk: DeadLetterDesk { desk }

  /// Says who is told of jobs that have ended.
  func tellEnds(to receiver: @escaping @Sendable (Job) async -> Void) { onEnd = receiver }

  /// Ends the desk's thread. Call it last.
  func close() { desk.close() }
}
