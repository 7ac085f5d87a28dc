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
    // A derived id is a hash of the body already; an id that the sender gave names the request by contract.
    if request.isDerivedID { add(nil) } else { addSample(of: delivery.body.bytes) }
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

  /// Tells bodies apart whose senders use an id again: the whole of a small one, of a large one its length, both ends
  /// and pieces from all over it. To hash every byte of a large body costs more than to upload it.
  private func addSample(of bytes: UnsafeRawBufferPointer) {
    guard bytes.count > BodySample.wholeBytes else { return add(bytes) }
    addLength(UInt64(bytes.count))
    for piece in BodySample.pieces(ofBodyWith: bytes.count) {
      hash.update(UnsafeRawBufferPointer(rebasing: bytes[piece]))
    }
  }

  private func addLength(_ length: UInt64) {
    withUnsafeBytes(of: length) { hash.update($0) }
  }
}
