import ArgumentParser
import OCRRelay

/// Where the broker is.
struct BrokerAddressOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Address of the broker. Everybody on this machine can read a command line: prefer $OCR_RELAY_AMQP_URL.",
      valueName: "url"))
  var amqpUrl: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("A configuration file of the relay, for its section amqp.", valueName: "file"))
  var config: String?

  /// The broker's settings, checked; `queue` overrides theirs. A problem ends the command.
  func load(queue: String? = nil) throws(CommandFailure) -> AMQPSettings {
    var environment = ProcessEnvironment.variables
    // What is said here goes first, in whatever way the environment says it.
    if let amqpUrl {
      environment["OCR_RELAY_AMQP_URL"] = amqpUrl
      environment["OCR_RELAY_AMQP_URL_FILE"] = nil
    }
    if let queue { environment["OCR_RELAY_AMQP_QUEUE"] = queue }
    do throws(ConfigurationError) {
      return try RelayConfiguration.loadBroker(
        file: config ?? ProcessEnvironment.value(RelayConfiguration.fileVariable), environment: environment)
    } catch {
      throw CommandFailure(.configuration, error.description)
    }
  }
}
