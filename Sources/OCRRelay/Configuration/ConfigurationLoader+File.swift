extension ConfigurationLoader {
  /// Reads a file. What it does not mention stays as it was.
  mutating func read(file path: String) {
    do throws(WholeFile.Failure) {
      read(yaml: try WholeFile.read(path, limit: 1 << 20), path: path)
    } catch {
      report(.nowhere, "the file \(Self.quoted(path)) cannot be read: \(error.message)")
    }
  }

  /// Reads the text of a file; `path` is for messages.
  mutating func read(yaml text: [UInt8], path: String) {
    do throws(YAMLFailure) {
      guard let root = try YAMLReader.read(text) else { return }
      switch root.content {
      case .empty: return
      case .mapping(let sections): for section in sections { read(section: section, path) }
      case .scalar, .sequence:
        report(.file(path: path, line: root.mark.line), "sections are expected, such as \"amqp:\"")
      }
    } catch {
      report(.file(path: path, line: error.mark.line), "column \(error.mark.column): \(error.message)")
    }
  }

  private mutating func read(section: YAMLNode.Entry, _ path: String) {
    let place = ConfigurationProblem.Place.file(path: path, line: section.mark.line)
    let names = RelayConfiguration.sections.map(\.name)
    guard names.contains(section.key) else {
      return report(place, Self.unknown("section", section.key, nearest: NearestName.of(section.key, in: names)))
    }
    switch section.value.content {
    case .empty: return
    case .mapping(let entries): for entry in entries { read(entry: entry, section: section.key, path) }
    case .scalar, .sequence:
      report(place, "\(section.key) is a section: its settings follow on their own lines, indented by two spaces")
    }
  }

  private mutating func read(entry: YAMLNode.Entry, section: String, _ path: String) {
    let place = ConfigurationProblem.Place.file(path: path, line: entry.mark.line)
    let settings = RelayConfiguration.settings.filter { $0.section == section }
    guard let setting = settings.first(where: { $0.name == entry.key || $0.fileName == entry.key }) else {
      return report(place, Self.unknownKey(entry.key, in: section))
    }
    guard let text = text(of: entry.value, setting, place) else { return }
    guard !isSet(setting, inFile: path) else {
      return report(place, "\(setting.key) and \(setting.key)_file are both set; keep one of them")
    }
    if setting.name == entry.key {
      set(setting, to: text, at: place)
    } else if let file = text.single {
      set(setting, fromFile: file, at: place)
    } else {
      report(place, "\(setting.key)_file: a list is not the name of a file")
    }
  }

  /// The text of a value; nil when nothing was written there, or nothing that could be a setting.
  private mutating func text(
    of node: YAMLNode, _ setting: Setting, _ place: ConfigurationProblem.Place
  ) -> SettingText? {
    switch node.content {
    case .empty: return nil
    case .scalar(let text): return .one(text)
    case .sequence(let items):
      let texts = items.compactMap { item in if case .scalar(let text) = item.content { text } else { nil } }
      if texts.count == items.count { return .list(texts) }
      report(place, "\(setting.key): each item must be a plain text")
    case .mapping: report(place, "\(setting.key): there is nothing below this setting; expected \(setting.expected)")
    }
    return nil
  }

  /// Looks in the same section first, then for the same key in another one.
  private static func unknownKey(_ name: String, in section: String) -> String {
    let settings = RelayConfiguration.settings
    let here = settings.filter { $0.section == section }.flatMap { [$0.name] + ($0.fileName.map { [$0] } ?? []) }
    let elsewhere = settings.first { $0.name == name || $0.section + "_" + $0.name == name }?.key
    let nearest = elsewhere ?? NearestName.of(name, in: here).map { section + "." + $0 }
    return unknown("key", section + "." + name, nearest: nearest)
  }

  static func unknown(_ what: String, _ name: String, nearest: String?) -> String {
    "unknown \(what) \(quoted(name))" + (nearest.map { "; did you mean \($0)?" } ?? "")
  }
}
