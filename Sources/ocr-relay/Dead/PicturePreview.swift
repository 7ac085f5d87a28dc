import DeadLetters
import RelayCore

/// Shows a picture between the lines of a terminal that can do so.
enum PicturePreview {
  /// How a terminal takes pictures.
  enum Method: Equatable {
    /// kitty's graphics protocol; PNG only.
    case kitty
    /// iTerm2's inline images; any format.
    case iTerm
  }

  private static let columns = 40
  private static let largest = 8 << 20
  private static let chunk = 4_096

  /// What the environment says about the terminal. Multiplexers swallow such sequences.
  static func method(_ environment: [String: String]) -> Method? {
    let terminal = environment["TERM"] ?? ""
    if terminal.hasPrefix("screen") || terminal.hasPrefix("tmux") || environment["TMUX"] != nil { return nil }
    let program = environment["TERM_PROGRAM"] ?? ""
    if terminal.contains("kitty") || environment["KITTY_WINDOW_ID"] != nil || program == "ghostty" { return .kitty }
    if ["iTerm.app", "WezTerm"].contains(program) || environment["LC_TERMINAL"] == "iTerm2" { return .iTerm }
    return nil
  }

  /// The sequence that shows the picture; nil when the terminal cannot.
  static func sequence(_ picture: LetterPicture, _ method: Method) -> String? {
    guard case .file(let bytes, let kind?) = picture, bytes.count <= largest else { return nil }
    switch method {
    case .kitty: return kind == .png ? kitty(bytes) : nil
    case .iTerm: return [.png, .jpeg, .gif, .bmp, .tiff].contains(kind) ? iTerm(bytes) : nil
    }
  }

  private static func iTerm(_ bytes: [UInt8]) -> String {
    let text = String(decoding: RequestContent.base64(bytes), as: UTF8.self)
    return "\u{1B}]1337;File=inline=1;width=\(columns);size=\(bytes.count):\(text)\u{7}\n"
  }

  private static func kitty(_ bytes: [UInt8]) -> String {
    var rest = RequestContent.base64(bytes)[...]
    var sequence = ""
    var isFirst = true
    while !rest.isEmpty {
      let part = rest.prefix(chunk)
      rest = rest.dropFirst(chunk)
      let head = isFirst ? "a=T,f=100,c=\(columns)," : ""
      sequence += "\u{1B}_G\(head)m=\(rest.isEmpty ? 0 : 1);\(String(decoding: part, as: UTF8.self))\u{1B}\\"
      isFirst = false
    }
    return sequence + "\n"
  }
}
