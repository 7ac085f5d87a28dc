/// Finds what somebody probably meant to write.
enum NearestName {
  /// The candidate that differs least; nil when all differ in more than a third of their letters.
  static func of(_ name: String, in candidates: [String]) -> String? {
    let ranked = candidates.map {
      (name: $0, distance: distance(Array(name.lowercased().utf8), Array($0.lowercased().utf8)))
    }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, max(name.utf8.count, best.name.utf8.count) / 3) ? best.name : nil
  }

  /// Inserted, deleted, replaced and swapped letters.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var twoBack: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, twoBack[j - 1] + 1) }
        row.append(best)
      }
      twoBack = previous
      previous = row
    }
    return previous[b.count]
  }
}
