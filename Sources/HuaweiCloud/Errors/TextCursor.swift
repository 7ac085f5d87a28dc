/// Walks through a text of which only some words matter.
struct TextCursor {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) { rest = Array(text.utf8)[...] }

  /// Goes behind the next place where the words stand; stays where it is when they do not.
  mutating func skip(past words: String) -> Bool {
    let words = Array(words.utf8)
    guard rest.count >= words.count else { return false }
    for start in rest.startIndex...(rest.endIndex - words.count) where rest[start...].starts(with: words) {
      rest = rest[(start + words.count)...]
      return true
    }
    return false
  }

  /// A whole number of at most nine digits, after spaces; nil when there is none.
  mutating func number() -> Int? {
    skipSpaces()
    let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    rest = rest[digits.endIndex...]
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// A word of letters, digits, `-` and `_`, after spaces; of at most 64 bytes, possibly empty.
  mutating func word() -> String {
    skipSpaces()
    let word = rest.prefix(64).prefix {
      ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2D || $0 == 0x5F
    }
    rest = rest[word.endIndex...]
    return String(decoding: word, as: UTF8.self)
  }

  /// Takes one byte if it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// Exactly this many digits.
  mutating func number(digits count: Int) -> Int? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// Skips digits.
  mutating func skipDigits() { rest = rest.drop { $0 >= 0x30 && $0 <= 0x39 } }

  /// Skips spaces.
  mutating func skipSpaces() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

  /// Whether everything was read.
  var isAtEnd: Bool { rest.isEmpty }
}
