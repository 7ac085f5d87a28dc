import ArgumentParser

/// `ocr-relay dead`: the dead letters, at a terminal.
struct DeadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead",
    abstract: "Look at dead letters: requests that were given up; send them again, put them aside, delete them.",
    discussion: """
      A dead letter is the request as it came, in the queue of its cause, with the reason in its headers.

        ocr-relay dead stats
        ocr-relay dead list --cause unsupported_image --newer-than 2h
        ocr-relay dead show ID --save .
        ocr-relay dead replay --cause upstream_failure

      Looking takes every letter out of its queue for a moment and gives it back: order and content stay, the broker's \
      delivery count of each letter grows by one. RabbitMQ 4 drops a letter after 20 deliveries unless a policy says \
      delivery-limit -1 for ^ocr\\.dead\\. and ^ocr\\.parked$. Only one operator works at a time. Nothing but AMQP is \
      needed.

      Exit codes:
      \(ExitReason.table)
      """,
    subcommands: [
      DeadStatsCommand.self, DeadListCommand.self, DeadShowCommand.self, DeadReplayCommand.self, DeadParkCommand.self,
      DeadPurgeCommand.self, DeadExportCommand.self,
    ])
}
