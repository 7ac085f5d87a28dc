import RelayCore
import Testing

@testable import OCRRelay

@Suite struct SharedStateSettingsTests {
  private static let key = String(repeating: "0123456789abcdef", count: 4)
  private static let login = ["OCR_RELAY_AUTH_USERNAME": "me", "OCR_RELAY_AUTH_PASSWORD": "hush"]

  private static func problems(_ environment: [String: String]) -> [String] {
    do {
      _ = try RelayConfiguration.load(file: nil, environment: login.merging(environment) { $1 })
      return []
    } catch {
      return ["\(error)"]
    }
  }

  @Test(arguments: [
    ["OCR_RELAY_RESULTS_KIND": "redis", "OCR_RELAY_REDIS_URL": "redis://h", "OCR_RELAY_SEAL_KEY": key],
    ["OCR_RELAY_AUTH_STORE": "redis", "OCR_RELAY_REDIS_URL": "rediss://u:hush@h:1/2", "OCR_RELAY_SEAL_KEY": key],
    ["OCR_RELAY_REDIS_URL": ""], ["OCR_RELAY_SEAL_KEY": key], ["OCR_RELAY_REDIS_BUDGET_MS": "1"],
    ["OCR_RELAY_SEAL_KEY": key, "OCR_RELAY_SEAL_OTHER_KEY": key],
    ["OCR_RELAY_REDIS_URL": "rediss://h", "OCR_RELAY_REDIS_CA_FILE": "/ca.pem"],
  ])
  func settingsThatFitAreTaken(_ environment: [String: String]) {
    #expect(Self.problems(environment) == [])
  }

  @Test(arguments: [
    (["OCR_RELAY_RESULTS_KIND": "redis", "OCR_RELAY_SEAL_KEY": key], "redis.url"),
    (["OCR_RELAY_AUTH_STORE": "redis", "OCR_RELAY_REDIS_URL": "redis://h"], "openssl rand -base64 32"),
    (["OCR_RELAY_SEAL_KEY": "hush"], "openssl rand -base64 32"),
    (["OCR_RELAY_SEAL_KEY": key, "OCR_RELAY_SEAL_OTHER_KEY": "hush"], "openssl rand -base64 32"),
    (["OCR_RELAY_SEAL_OTHER_KEY": key], "set seal.key too"),
    (["OCR_RELAY_REDIS_URL": "http://u:hush@h"], "redis://"),
    (["OCR_RELAY_REDIS_URL": "redis://h", "OCR_RELAY_REDIS_CA_FILE": "/ca.pem"], "rediss://"),
    (["OCR_RELAY_REDIS_CERTIFICATE_FILE": "/c.pem"], "redis.key_file"),
    (["OCR_RELAY_REDIS_KEY_PREFIX": ""], "redis.key_prefix"), (["OCR_RELAY_REDIS_BUDGET_MS": "0"], "milliseconds"),
    (["OCR_RELAY_AUTH_STORE": "disk"], "file"),
  ])
  func settingsThatDoNotFitAreExplained(_ environment: [String: String], _ text: String) throws {
    let problem = try #require(Self.problems(environment).first)
    #expect(problem.contains(text), "\(problem)")
    #expect(!problem.contains("hush"))
  }

  @Test func theEffectiveFileShowsWhereRedisIsAndNoSecret() throws {
    let environment = ["OCR_RELAY_REDIS_URL": "rediss://u:hush@h:1/2", "OCR_RELAY_SEAL_KEY": Self.key]
    let text = try RelayConfiguration.load(file: nil, environment: Self.login.merging(environment) { $1 }).effectiveFile
    #expect(text.contains("url: \"rediss://h:1/2\""))
    #expect(!text.contains("hush") && !text.contains(Self.key))
  }

  @Test func aNameOfACredentialFollowsFromItsAccountAlone() {
    var configuration = RelayConfiguration()
    configuration.auth.username = "me"
    let name = configuration.credentialName
    #expect(name.count == 32)
    configuration.auth.password = Secret("another")
    #expect(configuration.credentialName == name)
    configuration.auth.username = "you"
    #expect(configuration.credentialName != name)
    configuration.auth.username = "me"
    configuration.auth.endpoint = "https://elsewhere"
    #expect(configuration.credentialName != name)
  }
}
