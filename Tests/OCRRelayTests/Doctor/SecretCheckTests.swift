import Testing

@testable import OCRRelay

struct SecretCheckTests {
  @Test(arguments: ["auth.password", "auth.secret_key", "auth.bearer_key"])
  func usualSecretsPass(_ key: String) {
    for text in ["a", "sk-0123", String(repeating: "x", count: 4096)] {
      #expect(SecretCheck.problem(of: text, for: key) == nil)
    }
  }

  @Test(arguments: [
    ("auth.password", "", "empty"), ("auth.password", "a\nb", "more than one line"),
    ("auth.password", "a\u{7}", "control"), ("auth.secret_key", " qzx", "blank"), ("auth.bearer_key", "qz x", "blank"),
    ("auth.access_key", "ключ", "ASCII"), ("auth.app_secret", "qzx\r", "more than one line"),
    ("auth.password", String(repeating: "x", count: 4097), "longer"),
  ])
  func mistakesAreNamedWithoutTheSecret(_ key: String, _ text: String, _ words: String) throws {
    let problem = try #require(SecretCheck.problem(of: text, for: key))
    #expect(problem.contains(words) && (text.isEmpty || !problem.contains(text)))
  }

  @Test func passwordsMayHaveBlanksAndLetters() {
    #expect(SecretCheck.problem(of: " pass wört ", for: "auth.password") == nil)
    #expect(SecretCheck.problem(of: String(repeating: "x", count: 20_000), for: "auth.security_token") == nil)
  }
}
