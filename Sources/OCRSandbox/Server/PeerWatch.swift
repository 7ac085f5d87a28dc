import NIOCore

/// Closes a connection as soon as its peer has closed its side, the way gateways do. Without it a call that hangs would
/// not notice that nobody waits any more.
final class PeerWatch: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }
}
