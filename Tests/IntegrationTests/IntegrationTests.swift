import Testing

/// The programs against real servers: RabbitMQ, nginx, the sandbox. One after the other: they start processes, stop
/// brokers and count calls.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .sharedStage(relay: ["REPLIES_ALLOW": "amq.rabbitmq.reply-to.*, amq.gen-*, ocr.reply.*, answers/*"]))
struct IntegrationTests {}
