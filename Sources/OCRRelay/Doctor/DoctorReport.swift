internal import OCRContract

/// Everything that was looked at.
public struct DoctorReport: Sendable, Equatable {
  /// The findings in the order in which they were made.
  public private(set) var findings: [Finding] = []

  /// A report without findings.
  public init(_ findings: [Finding] = []) {
    self.findings = findings
  }

  /// Adds findings.
  public mutating func add(_ more: [Finding]) { findings += more }

  /// Whether nothing keeps the relay from its work.
  public var isHealthy: Bool { !findings.contains { $0.level == .fail } }

  /// For people: a line for each finding, with the advice below it, and a summary.
  public var text: String {
    var lines: [String] = []
    var area: String?
    for finding in findings {
      if finding.area != area { lines += (area == nil ? [] : [""]) + [finding.area] }
      area = finding.area
      let name = finding.level.rawValue
      lines.append("  \(name)\(String(repeating: " ", count: 5 - name.count))\(finding.check): \(finding.detail)")
      if let advice = finding.advice { lines.append("       → \(advice)") }
    }
    return (lines + ["", summary]).joined(separator: "\n") + "\n"
  }

  /// For programs: one JSON object.
  public var json: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("healthy")
    writer.bool(isHealthy)
    writer.name("findings")
    writer.beginArray()
    for finding in findings {
      writer.beginObject()
      for (name, value) in [
        ("area", finding.area), ("check", finding.check), ("level", finding.level.rawValue), ("detail", finding.detail),
      ] {
        writer.name(name)
        writer.string(value)
      }
      writer.name("advice")
      if let advice = finding.advice { writer.string(advice) } else { writer.null() }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }

  private var summary: String {
    func count(_ level: Finding.Level) -> Int { findings.count { $0.level == level } }
    let counts = "\(count(.ok)) ok, \(count(.warn)) to mind, \(count(.fail)) wrong, \(count(.skip)) not looked at"
    return (isHealthy ? "Nothing keeps the relay from its work: " : "The relay cannot do its work: ") + counts + "."
  }
}
