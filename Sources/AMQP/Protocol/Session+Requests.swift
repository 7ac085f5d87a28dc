internal import CRabbitMQ

extension Session {
  /// Queues the method of a synchronous request.
  func append(_ request: BrokerRequest) {
    switch request {
    case .declareExchange, .deleteExchange: appendExchange(request)
    case .declareQueue(let queue): append(queue)
    case .bindQueue, .purgeQueue, .deleteQueue: appendQueue(request)
    default: appendBasic(request)
    }
  }

  private func appendExchange(_ request: BrokerRequest) {
    switch request {
    case .declareExchange(let name, let kind, let passive, let durable, let arguments):
      let method = amqp_exchange_declare_t(
        ticket: 0, exchange: encoder.text(name), type: encoder.text(kind), passive: passive ? 1 : 0,
        durable: durable ? 1 : 0, auto_delete: 0, internal: 0, nowait: 0, arguments: encoder.table(arguments))
      send(.exchangeDeclare, method)
    case .deleteExchange(let name):
      send(.exchangeDelete, amqp_exchange_delete_t(ticket: 0, exchange: encoder.text(name), if_unused: 0, nowait: 0))
    default: preconditionFailure("Session.appendExchange: \(request)")
    }
  }

  private func append(_ queue: QueueDeclaration) {
    let method = amqp_queue_declare_t(
      ticket: 0, queue: encoder.text(queue.name), passive: queue.passive ? 1 : 0, durable: queue.durable ? 1 : 0,
      exclusive: queue.exclusive ? 1 : 0, auto_delete: queue.autoDelete ? 1 : 0, nowait: 0,
      arguments: encoder.table(queue.arguments))
    send(.queueDeclare, method)
  }

  private func appendQueue(_ request: BrokerRequest) {
    switch request {
    case .bindQueue(let queue, let exchange, let routingKey):
      let method = amqp_queue_bind_t(
        ticket: 0, queue: encoder.text(queue), exchange: encoder.text(exchange), routing_key: encoder.text(routingKey),
        nowait: 0, arguments: encoder.table([:]))
      send(.queueBind, method)
    case .purgeQueue(let name):
      send(.queuePurge, amqp_queue_purge_t(ticket: 0, queue: encoder.text(name), nowait: 0))
    case .deleteQueue(let name):
      let method = amqp_queue_delete_t(ticket: 0, queue: encoder.text(name), if_unused: 0, if_empty: 0, nowait: 0)
      send(.queueDelete, method)
    default: preconditionFailure("Session.appendQueue: \(request)")
    }
  }

  private func appendBasic(_ request: BrokerRequest) {
    switch request {
    case .qos(let prefetch):
      send(.basicQos, amqp_basic_qos_t(prefetch_size: 0, prefetch_count: prefetch, global: 0))
    case .consume(let queue, let consumerTag, let noAck, let exclusive):
      let method = amqp_basic_consume_t(
        ticket: 0, queue: encoder.text(queue), consumer_tag: encoder.text(consumerTag), no_local: 0,
        no_ack: noAck ? 1 : 0, exclusive: exclusive ? 1 : 0, nowait: 0, arguments: encoder.table([:]))
      send(.basicConsume, method)
    case .cancel(let consumerTag):
      send(.basicCancel, amqp_basic_cancel_t(consumer_tag: encoder.text(consumerTag), nowait: 0))
    case .confirmSelect:
      send(.confirmSelect, amqp_confirm_select_t(nowait: 0))
    case .get(let queue, let noAck):
      send(.basicGet, amqp_basic_get_t(ticket: 0, queue: encoder.text(queue), no_ack: noAck ? 1 : 0))
    default: preconditionFailure("Session.appendBasic: \(request)")
    }
  }

  private func send<Method: BitwiseCopyable>(_ id: MethodID, _ method: Method) {
    encoder.append(id, method, channel: channel, to: output)
  }
}
