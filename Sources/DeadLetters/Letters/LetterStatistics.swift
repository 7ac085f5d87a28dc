/// How many dead letters there are, by everything that helps to find out why. Its size does not grow with their number.
public struct LetterStatistics: Sendable, Equatable {
  /// Letters that have something in common.
  public struct Group: Sendable, Equatable {
    /// How many.
    public var letters = 0
    /// Bytes of their bodies.
    public var bytes = 0
    /// Milliseconds since 1970 of the last failure of the oldest.
    public var oldest: Int64?
    /// Milliseconds since 1970 of the last failure of the newest.
    public var newest: Int64?

    mutating func add(_ letter: LetterRecord) {
      letters += 1
      bytes += letter.bytes
      guard let failedAt = letter.lastFailedAt else { return }
      oldest = min(oldest ?? failedAt, failedAt)
      newest = max(newest ?? failedAt, failedAt)
    }
  }

  /// How long ago a letter died.
  public enum Age: String, Sendable, CaseIterable {
    case tenMinutes = "under 10 minutes"
    case hour = "10 minutes to 1 hour"
    case day = "1 hour to 1 day"
    case week = "1 to 7 days"
    case older = "over 7 days"
    case unknown = "unknown"

    init(of letter: LetterRecord, now: Int64) {
      guard let failedAt = letter.lastFailedAt, failedAt > 0 else {
        self = .unknown
        return
      }
      switch now.subtractingReportingOverflow(failedAt).partialValue / 1_000 {
      case ..<600: self = .tenMinutes
      case ..<3_600: self = .hour
      case ..<86_400: self = .day
      case ..<604_800: self = .week
      default: self = .older
      }
    }
  }

  /// What stands for the names beyond ``maximumNames``.
  public static let others = "(others)"
  /// What stands for a missing name.
  public static let none = "(none)"
  /// Names of APIs and publishers come from outside: no more than this many are told apart.
  public static let maximumNames = 1_000

  /// All of them.
  public private(set) var total = Group()
  /// By error class.
  public private(set) var causes: [String: Group] = [:]
  /// By error code.
  public private(set) var codes: [String: Group] = [:]
  /// By API.
  public private(set) var apis: [String: Group] = [:]
  /// By publisher.
  public private(set) var users: [String: Group] = [:]
  /// By age.
  public private(set) var ages: [Age: Int] = [:]
  /// Letters that were replayed before.
  public private(set) var replayed = 0
  /// Letters whose answer goes to an address that ends with the publisher's connection.
  public private(set) var repliesToConnections = 0
  /// Letters with a deadline that is over.
  public private(set) var late = 0
  /// How often the broker has handed out the one that it has handed out most often.
  public private(set) var highestDeliveryCount = 0

  /// Nothing counted.
  public init() {}

  /// Counts a letter. `now` is in milliseconds since 1970.
  public mutating func add(_ letter: LetterRecord, now: Int64) {
    total.add(letter)
    Self.add(letter, to: &causes, letter.cause)
    Self.add(letter, to: &codes, letter.code)
    Self.add(letter, to: &apis, letter.api ?? Self.none)
    Self.add(letter, to: &users, letter.user ?? Self.none)
    ages[Age(of: letter, now: now), default: 0] += 1
    if letter.replayCount > 0 { replayed += 1 }
    if letter.repliesToConnection { repliesToConnections += 1 }
    if let deadline = letter.deadline, deadline <= now { late += 1 }
    highestDeliveryCount = max(highestDeliveryCount, letter.deliveryCount)
  }

  private static func add(_ letter: LetterRecord, to groups: inout [String: Group], _ name: String) {
    let isKnown = groups.count < maximumNames || groups[name] != nil
    groups[isKnown ? name : others, default: Group()].add(letter)
  }

  /// The names and groups of a table, the largest first.
  public static func ranked(_ groups: [String: Group]) -> [(name: String, group: Group)] {
    groups.map { (name: $0.key, group: $0.value) }.sorted {
      ($1.group.letters, $0.name) < ($0.group.letters, $1.name)
    }
  }
}
