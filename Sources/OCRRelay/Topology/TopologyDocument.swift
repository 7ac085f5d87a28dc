internal import AMQP
internal import OCRContract

/// The relay's exchanges, queues and bindings in writing, for people and for other tools.
public enum TopologyDocument {
  /// One line for each exchange, queue and binding, in the order in which they are declared.
  public static func text(_ configuration: RelayConfiguration) -> String {
    let lines = configuration.topology.declarations.compactMap { request -> String? in
      switch request {
      case .declareExchange(let name, let kind, _, _, let arguments):
        "exchange \(name) \(kind)\(text(of: arguments))"
      case .declareQueue(let queue): "queue    \(queue.name)\(text(of: queue.arguments))"
      case .bindQueue(let queue, let exchange, let key): "binding  \(exchange) \(key.isEmpty ? "-" : key) \(queue)"
      default: nil
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Definitions that `rabbitmqctl import_definitions` and the management page take.
  public static func definitions(_ configuration: RelayConfiguration) -> String {
    let host = (try? configuration.brokerEndpoints())?.first?.virtualHost ?? "/"
    let declarations = configuration.topology.declarations
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("exchanges")
    writer.beginArray()
    for request in declarations { writeExchange(request, host, &writer) }
    writer.endArray()
    writer.name("queues")
    writer.beginArray()
    for request in declarations { writeQueue(request, host, &writer) }
    writer.endArray()
    writer.name("bindings")
    writer.beginArray()
    for request in declarations { writeBinding(request, host, &writer) }
    writer.endArray()
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self) + "\n"
  }

  private static func writeExchange(_ request: BrokerRequest, _ host: String, _ writer: inout JSONWriter) {
    guard case .declareExchange(let name, let kind, _, let durable, let arguments) = request else { return }
    writer.beginObject()
    write(["name": name, "vhost": host, "type": kind], &writer)
    write(flags: ["durable": durable, "auto_delete": false, "internal": false], &writer)
    write(arguments, &writer)
    writer.endObject()
  }

  private static func writeQueue(_ request: BrokerRequest, _ host: String, _ writer: inout JSONWriter) {
    guard case .declareQueue(let queue) = request else { return }
    writer.beginObject()
    write(["name": queue.name, "vhost": host], &writer)
    write(flags: ["durable": queue.durable, "auto_delete": queue.autoDelete], &writer)
    write(queue.arguments, &writer)
    writer.endObject()
  }

  private static func writeBinding(_ request: BrokerRequest, _ host: String, _ writer: inout JSONWriter) {
    guard case .bindQueue(let queue, let exchange, let key) = request else { return }
    writer.beginObject()
    write(
      [
        "source": exchange, "vhost": host, "destination": queue, "destination_type": "queue", "routing_key": key,
      ], &writer)
    write([String: FieldValue](), &writer)
    writer.endObject()
  }

  private static func write(_ texts: KeyValuePairs<String, String>, _ writer: inout JSONWriter) {
    for (name, value) in texts {
      writer.name(name)
      writer.string(value)
    }
  }

  private static func write(flags: KeyValuePairs<String, Bool>, _ writer: inout JSONWriter) {
    for (name, value) in flags {
      writer.name(name)
      writer.bool(value)
    }
  }

  private static func write(_ arguments: [String: FieldValue], _ writer: inout JSONWriter) {
    writer.name("arguments")
    writer.beginObject()
    for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
      writer.name(name)
      switch value {
      case .string(let text): writer.string(text)
      case .int32(let number): writer.integer(number)
      case .int64(let number): writer.integer(number)
      default: writer.null()
      }
    }
    writer.endObject()
  }

  private static func text(of arguments: [String: FieldValue]) -> String {
    arguments.sorted { $0.key < $1.key }.map { name, value in
      switch value {
      case .string(let text): " \(name)=\(text)"
      case .int32(let number): " \(name)=\(number)"
      case .int64(let number): " \(name)=\(number)"
      default: " \(name)"
      }
    }.joined()
  }
}
