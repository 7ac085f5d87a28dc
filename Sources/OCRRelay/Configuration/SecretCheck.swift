/// What a secret must look like to be worth trying. The kind is not guessed, and nothing of the text is shown.
enum SecretCheck {
  private static let longest = 4096
  /// Security tokens of temporary keys are several KB long.
  private static let longestToken = 32 << 10

  /// Settings whose values go into headers or are compared byte by byte: blanks can only be mistakes.
  private static let withoutBlanks: Set<String> = [
    "auth.access_key", "auth.secret_key", "auth.security_token", "auth.app_secret", "auth.bearer_key",
    "console.operate_token", "console.read_token",
  ]

  /// What is wrong with the text, to follow the name of its setting; nil when nothing is.
  static func problem(of text: String, for key: String) -> String? {
    guard !text.isEmpty else { return "is empty" }
    let limit = key == "auth.security_token" ? longestToken : longest
    guard text.utf8.count <= limit else { return "is longer than \(limit) bytes: is this the right file?" }
    let scalars = text.unicodeScalars
    if scalars.contains(where: { $0.value == 0x0A || $0.value == 0x0D }) {
      return "has more than one line: keep the secret alone"
    }
    if scalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return "contains control characters" }
    guard withoutBlanks.contains(key) else { return nil }
    if scalars.contains(where: { $0.value == 0x20 }) { return "contains a blank: look at its beginning and end" }
    if scalars.contains(where: { $0.value > 0x7E }) {
      return "contains characters other than ASCII: copy it again from the console"
    }
    return nil
  }
}
