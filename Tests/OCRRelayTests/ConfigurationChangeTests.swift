import RelayCore
import Testing

@testable import OCRRelay

struct ConfigurationChangeTests {
  @Test func whatMayChangeTakesEffectAndTheRestWaits() {
    let old = RelayConfiguration()
    var new = old
    new.log.level = .debug
    new.replies.allow = ["mine.*"]
    new.amqp.prefetch = 7
    new.auth.password = Secret("another")
    new.auth.username = "somebody else"
    new.secretFiles = ["auth.password": "/run/secrets/password"]
    let change = ConfigurationChange(from: old, to: new)
    #expect(Set(change.applied) == ["auth.password", "replies.allow", "log.level"])
    #expect(Set(change.waiting) == ["amqp.prefetch", "auth.username"])
    #expect(change.configuration.log.level == .debug)
    #expect(change.configuration.replies.allow == ["mine.*"])
    #expect(change.configuration.amqp.prefetch == old.amqp.prefetch)
    #expect(change.configuration.auth.password == new.auth.password)
    #expect(change.configuration.auth.username == old.auth.username)
    #expect(change.configuration.secretFiles == new.secretFiles)
  }

  @Test func nothingChangesWithoutADifference() {
    let change = ConfigurationChange(from: RelayConfiguration(), to: RelayConfiguration())
    #expect(change.applied.isEmpty && change.waiting.isEmpty)
    #expect(change.configuration == RelayConfiguration())
  }

  @Test func everySecretOfTheCredentialMayChange() {
    #expect(ConfigurationChange.changeable.isSuperset(of: AuthSettings().secrets.map(\.key)))
  }

  @Test func everyChangeableSettingExists() {
    let keys = Set(RelayConfiguration.settings.map(\.key))
    #expect(ConfigurationChange.changeable.isSubset(of: keys))
  }

  @Test(
    arguments: [
      ("0.0.0.0:8080", "http://127.0.0.1:8080"), ("[::]:8080", "http://[::1]:8080"),
      ("localhost:1", "http://localhost:1"),
    ])
  func healthIsAskedOnThisMachine(_ listen: String, _ address: String) {
    #expect(HealthInquiry.address(listen) == address)
    #expect(HealthInquiry.address("nonsense") == nil)
  }
}
