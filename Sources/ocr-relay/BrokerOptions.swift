import ArgumentParser
import OCRRelay

/// The broker of a command that publishes requests.
struct BrokerOptions: ParsableArguments {
  @OptionGroup var address: BrokerAddressOptions

  @Option(help: ArgumentHelp("The queue that relays read; else $OCR_RELAY_AMQP_QUEUE, else ocr.requests."))
  var queue: String?

  /// The broker's settings, checked. A problem ends the command.
  func load() throws(CommandFailure) -> AMQPSettings { try address.load(queue: queue) }
}
