internal import OCRContract

extension LetterStatistics {
  /// One object. Names and meanings stay as they are; new members may come.
  public func json() -> String {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    Self.write(total, to: &writer)
    writer.member("replayed", Int64(replayed))
    for (name, groups) in [("causes", causes), ("codes", codes), ("apis", apis), ("users", users)] {
      writer.name(name)
      writer.beginArray()
      for (name, group) in Self.ranked(groups) {
        writer.beginObject()
        writer.member("name", name)
        Self.write(group, to: &writer)
        writer.endObject()
      }
      writer.endArray()
    }
    writer.name("ages")
    writer.beginArray()
    for age in Age.allCases {
      writer.beginObject()
      writer.member("name", age.rawValue)
      writer.member("letters", Int64(ages[age] ?? 0))
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func write(_ group: Group, to writer: inout JSONWriter) {
    writer.member("letters", Int64(group.letters))
    writer.member("bytes", Int64(group.bytes))
    writer.member("oldest_ms", group.oldest)
    writer.member("newest_ms", group.newest)
  }
}
