internal import DeadLetters

/// Pictures that were shown or will be: those used last, within a number of bytes.
struct ExhibitCache: Sendable {
  private let limit: Int
  private var entries: [String: (exhibit: Exhibit, use: UInt64)] = [:]
  private var size = 0
  private var uses: UInt64 = 0

  /// A cache for so many bytes.
  init(limit: Int) { self.limit = limit }

  /// Keeps the picture of a letter, and lets others go when there are too many bytes.
  mutating func insert(_ exhibit: Exhibit, for letter: String) {
    guard exhibit.size <= limit else { return }
    remove(letter)
    uses += 1
    entries[letter] = (exhibit, uses)
    size += exhibit.size
    while size > limit, let oldest = entries.min(by: { $0.value.use < $1.value.use })?.key { remove(oldest) }
  }

  /// The picture of a letter, if it is here.
  mutating func take(_ letter: String) -> Exhibit? {
    guard let exhibit = entries[letter]?.exhibit else { return nil }
    uses += 1
    entries[letter]?.use = uses
    return exhibit
  }

  private mutating func remove(_ letter: String) {
    guard let entry = entries.removeValue(forKey: letter) else { return }
    size -= entry.exhibit.size
  }
}
