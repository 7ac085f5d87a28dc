/// A series of a library: its name and labels, as Prometheus allows them.
struct SeriesKey: Hashable {
  struct Label: Hashable {
    var name: String
    var value: String
  }

  private static let longestValue = 64

  let name: String
  let labels: [Label]

  init(label: String, suffix: String, dimensions: [(String, String)]) {
    name = Self.legal(label) + suffix
    labels = dimensions.map { Label(name: Self.legal($0.0), value: String($0.1.prefix(Self.longestValue))) }
  }

  /// Sorts the series of a metric.
  var order: String { labels.map { $0.name + "=" + $0.value }.joined(separator: ",") }

  private static func legal(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
      default: "_"
      }
    }
    guard let first = scalars.first else { return "_" }
    return (first.isNumber ? "_" : "") + String(scalars)
  }
}
