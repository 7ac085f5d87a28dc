/// The members of one object, in place: no allocation for a message.
public struct ScannedMembers: Sendable {
  /// Most members an object may have: twice what any known API has.
  public static let capacity = 32

  private var storage = InlineArray<32, ScannedMember>(
    repeating: ScannedMember(name: 0..<0, value: 0..<0, kind: .null, escapes: .none))
  /// How many there are.
  public private(set) var count = 0
  /// Offset just behind the object's opening brace.
  public internal(set) var bodyStart = 0
  /// Offset just behind the object's closing brace.
  public internal(set) var bodyEnd = 0

  init() {}

  /// The member at a position below `count`.
  public subscript(position: Int) -> ScannedMember { storage[position] }

  /// Adds one; false when there is no room.
  mutating func append(_ member: ScannedMember) -> Bool {
    guard count < Self.capacity else { return false }
    storage[count] = member
    count += 1
    return true
  }
}
