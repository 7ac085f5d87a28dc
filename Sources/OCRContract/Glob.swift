/// A pattern of literal text, `*` for any run of bytes, and `{user_id}`. Matching takes at most pattern length times
/// name length steps.
struct Glob: Sendable, Equatable {
  private enum Part: Sendable, Equatable {
    case byte(UInt8)
    case anything
    case userID
  }

  private let parts: [Part]
  private let needsUserID: Bool

  /// Works on bytes, because a combining mark after a star would make another character of it.
  init(_ pattern: some Collection<UInt8>) {
    let placeholder = Array("{user_id}".utf8)
    var parts: [Part] = []
    var rest = Array(pattern)[...]
    while let byte = rest.first {
      if rest.starts(with: placeholder) {
        parts.append(.userID)
        rest = rest.dropFirst(placeholder.count)
      } else {
        parts.append(byte == UInt8(ascii: "*") ? .anything : .byte(byte))
        rest = rest.dropFirst()
      }
    }
    self.parts = parts
    self.needsUserID = parts.contains(.userID)
  }

  func matches(_ name: String, userID: String?) -> Bool {
    if needsUserID, userID?.isEmpty ?? true { return false }
    var name = name
    return name.withUTF8 { Self.match(needsUserID ? pattern(of: userID ?? "") : parts, $0) }
  }

  /// The pattern for one user. The user id is taken literally: a star in it is a star.
  private func pattern(of userID: String) -> [Part] {
    parts.flatMap { $0 == .userID ? userID.utf8.map(Part.byte) : [$0] }
  }

  /// The usual loop: on a mismatch, go back to the last star and let it take one byte more.
  private static func match(_ pattern: [Part], _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    var p = 0
    var n = 0
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == .anything {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == .byte(name[n]) {
        p += 1
        n += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        p = last.pattern + 1
        n = last.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == .anything }
  }
}
