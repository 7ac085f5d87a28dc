internal import EventLoop
internal import HuaweiCloud
internal import Logging

extension RelayWorker {
  /// Takes over a configuration that was read again, as far as a running relay can.
  func reloaded(_ result: Result<RelayConfiguration, ConfigurationError>) {
    switch result {
    case .success(let new): report(follow(new))
    case .failure(let error):
      for problem in error.problems {
        logger.error("the configuration is left as it was: it has a mistake", metadata: ["reason": "\(problem)"])
      }
    }
  }

  /// Goes on with a configuration as far as a running relay can.
  @discardableResult
  func follow(_ new: RelayConfiguration) -> ConfigurationChange {
    let change = ConfigurationChange(from: configuration, to: new)
    let hasOtherFiles = change.configuration.secretFiles != configuration.secretFiles
    adopt(change.configuration)
    adoptSecrets(hasOtherFiles: hasOtherFiles)
    parts?.pipeline.adopt(configuration.pipelineSettings(HuaweiCatalogue.ocr))
    if change.applied.contains(where: { $0.hasPrefix("rate.") }) { parts?.pipeline.permits.follow(configuration.rate) }
    RelayLogHandler.level = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
    return change
  }

  private func report(_ change: ConfigurationChange) {
    logger.notice(
      "the configuration was read again",
      metadata: ["changed": "\(change.applied.isEmpty ? "nothing" : change.applied.joined(separator: " "))"])
    if !change.waiting.isEmpty {
      logger.warning(
        "settings that take effect with the next start",
        metadata: ["settings": "\(change.waiting.joined(separator: " "))"])
    }
  }

  private func adoptSecrets(hasOtherFiles: Bool) {
    guard let parts else { return }
    let replaced = parts.secrets.adopt(configuration.auth)
    for key in replaced {
      logger.notice("a secret was replaced", metadata: ["setting": "\(key)", "audit": "rotate"])
    }
    if hasOtherFiles { watchSecrets(parts) }
    if !replaced.isEmpty { credentialChanged() }
  }
}
