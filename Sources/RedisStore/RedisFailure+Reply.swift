extension RedisFailure {
  /// Reads an error reply. The code in front decides; the text is kept without what it may quote of the command.
  init(errorReply text: String) {
    let code = text.prefix { $0 != " " }
    self.init(Self.kind(code: code, text: text), Self.harmless(text))
  }

  private static func kind(code: Substring, text: String) -> Kind {
    switch code {
    case "WRONGPASS", "NOAUTH": .wrongPassword
    case "NOPERM": .forbidden
    case "LOADING": .loading
    case "READONLY": .readOnly
    case "MASTERDOWN": .noPrimary
    case "OOM": .outOfMemory
    case "MISCONF": .cannotSave
    case "BUSY": .busy
    case "MOVED", "ASK", "CLUSTERDOWN", "CROSSSLOT", "TRYAGAIN": .cluster
    default: kind(text: text)
    }
  }

  /// Older servers have one code for everything.
  private static func kind(text: String) -> Kind {
    if text.hasPrefix("ERR invalid password") { return .wrongPassword }
    if text.hasPrefix("ERR AUTH") || text.hasPrefix("ERR Client sent AUTH") { return .wrongPassword }
    if text.hasPrefix("ERR DB index") || text.hasPrefix("ERR invalid DB index") { return .unknownDatabase }
    if text.hasPrefix("ERR max number of clients") { return .tooManyClients }
    // What a script's own call was refused with stands inside the script's error in servers before 7.
    if offset(of: "-OOM ", in: text.utf8) != nil { return .outOfMemory }
    if offset(of: "-READONLY ", in: text.utf8) != nil { return .readOnly }
    if offset(of: "-MISCONF ", in: text.utf8) != nil { return .cannotSave }
    return .refused
  }

  /// Errors may quote a command's arguments or keys, from the first quotation mark on; control characters have no place
  /// in logs.
  private static func harmless(_ text: String) -> String {
    let end = [", with args", " '", " `", " \""].compactMap { offset(of: $0, in: text.utf8) }.min() ?? 160
    return String(
      decoding: text.utf8.prefix(min(end, 160)).map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
  }

  /// Where `mark` begins in the first bytes of a text.
  private static func offset(of mark: String, in text: String.UTF8View) -> Int? {
    var rest = text.prefix(512)
    var offset = 0
    while !rest.isEmpty {
      if rest.starts(with: mark.utf8) { return offset }
      rest = rest.dropFirst()
      offset += 1
    }
    return nil
  }
}
