internal import AMQP
internal import EventLoop
internal import RelayCore

extension ResultDesk {
  /// The name of a request's result.
  func key(of request: IncomingRequest, _ plan: RequestPlan, _ delivery: Delivery) -> ResultKey {
    add(request.userID)
    add(plan.api.name)
    add(request.messageID)
    if delivery.properties.withField(.contentType, { add($0) }) == nil { add(nil) }
    request.options.withUnsafeBytes { add($0) }
    // A derived id is a hash of the body already.
    if request.isDerivedID { add(nil) } else { add(delivery.body.bytes) }
    let (high, low) = hash.finishNumbers()
    return ResultKey(high: high, low: low)
  }

  private func add(_ text: String?) {
    guard var text else { return addLength(.max) }
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Lengths keep apart what would read the same one after the other.
  private func add(_ bytes: UnsafeRawBufferPointer) {
    addLength(UInt64(bytes.count))
    hash.update(bytes)
  }

  private func addLength(_ length: UInt64) {
    withUnsafeBytes(of: length) { hash.update($0) }
  }
}
