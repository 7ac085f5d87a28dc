import ArgumentParser
import EventLoop
import OCRRelay

/// `ocr-relay topology`.
struct TopologyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topology",
    abstract: "The exchanges and queues that relays work with: create, compare, print.",
    subcommands: [Apply.self, Verify.self, Print.self])

  /// `ocr-relay topology apply`.
  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create the exchanges and queues that are missing.",
      discussion: "Changes nothing that exists. `serve` does the same at its start with amqp.topology set to apply.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
      let loaded = try options.loadTopology()
      let loop = try EventLoop(name: "topology")
      try loop.runBlocking {
        guard let problem = await Doctor(loop: loop, configuration: loaded).applyTopology() else { return }
        throw CommandFailure(.checkFailed, problem)
      }
      Terminal.print("All exchanges and queues are there.")
    }
  }

  /// `ocr-relay topology verify`.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the exchanges and queues of the broker with those that relays work with.",
      discussion: """
        Creates and changes nothing. Bindings cannot be looked at over AMQP; `topology apply` makes those that are \
        missing. The exit code is \(ExitReason.checkFailed.rawValue) when something is missing or different.
        """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let loaded = try options.loadTopology()
      let loop = try EventLoop(name: "topology")
      try loop.runBlocking {
        try DoctorCommand.show(await Doctor(loop: loop, configuration: loaded).examineTopology(), json: json)
      }
    }
  }

  /// `ocr-relay topology print`.
  struct Print: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the exchanges, queues and bindings.",
      discussion: "Talks to nobody. The definitions go to `rabbitmqctl import_definitions` or the management page.")

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print JSON definitions for RabbitMQ.")
    var definitions = false

    func run() throws {
      let configuration = try options.loadTopology().configuration
      Terminal.write(
        definitions ? TopologyDocument.definitions(configuration) : TopologyDocument.text(configuration))
    }
  }
}
