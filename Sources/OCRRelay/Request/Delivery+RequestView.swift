internal import AMQP
internal import EventLoop
internal import RelayCore

extension Delivery {
  /// How often the broker delivered the message before, as a quorum queue counts it; nil when it was not or does not
  /// tell. Believed in redelivered messages only, where the broker has written it over what the publisher wrote.
  var earlierDeliveries: Int64? {
    guard envelope.isRedelivered, properties.hasHeaders else { return nil }
    return properties.headers.integer("x-delivery-count")
  }

  /// How near the message is to the broker's limit for deliveries.
  var wear: DeliveryWear {
    DeliveryWear(earlierDeliveries: earlierDeliveries, limit: Int64(Topology.deliveryLimit))
  }

  /// Calls `use` with a view of the properties where they stand: nothing is copied for a request that is in order.
  func withRequestView<Value>(options: [UInt8], _ use: (RequestView) -> Value) -> Value {
    var routingKey = envelope.routingKey
    return routingKey.withUTF8 { routingKey in
      options.withUnsafeBytes { options in
        withFieldOrEmpty(.type) { type in
          withFieldOrEmpty(.contentType) { contentType in
            withFieldOrEmpty(.contentEncoding) { contentEncoding in
              use(
                RequestView(
                  type: type, routingKey: UnsafeRawBufferPointer(routingKey), contentType: contentType,
                  contentEncoding: contentEncoding, options: options))
            }
          }
        }
      }
    }
  }

  private func withFieldOrEmpty<Value>(_ field: PropertyField, _ use: (UnsafeRawBufferPointer) -> Value) -> Value {
    properties.withField(field, use) ?? use(UnsafeRawBufferPointer(start: nil, count: 0))
  }
}
