/// Names of reply addresses.
enum ReplyAddress {
  /// The pseudo queue of the broker's direct reply-to.
  static let direct = "amq.rabbitmq.reply-to"
}
