internal import CRabbitMQ
internal import EventLoop

/// Encodes method frames with librabbitmq.
///
/// Isolation: not `Sendable`; the pool belongs to one connection. Texts that AMQP limits to 255 bytes are checked by the
/// callers; a failure to encode is a bug of ours and traps.
final class MethodEncoder {
  private var pool = amqp_pool_t()
  /// Room for the fixed fields of any method; texts and tables are counted as they are added.
  private static let fixedRoom = 1_024
  private var variableRoom = 0

  init() {
    init_amqp_pool(&pool, 4096)
  }

  deinit {
    empty_amqp_pool(&pool)
  }

  /// Appends a frame with the method `id`, whose C structure is `method`.
  func append<Method: BitwiseCopyable>(_ id: MethodID, _ method: Method, channel: UInt16, to buffer: PooledBuffer) {
    let writer = FrameWriter(buffer: buffer)
    writer.frame(FrameWriter.methodFrame, channel: channel) {
      writer.append(id.rawValue)
      let largest = Self.fixedRoom + variableRoom
      buffer.reserve(largest)
      var method = method
      let room = amqp_bytes_t(len: largest, bytes: buffer.room.baseAddress)
      let size = withUnsafeMutableBytes(of: &method) { amqp_encode_method(id.rawValue, $0.baseAddress, room) }
      precondition(size >= 0, "librabbitmq could not encode \(id): status \(size)")
      buffer.commit(Int(size))
    }
    recycle_amqp_pool(&pool)
    variableRoom = 0
  }

  /// Text for a C structure; lives in the pool until the method is appended.
  func text(_ text: String) -> amqp_bytes_t {
    guard !text.isEmpty else { return amqp_bytes_t(len: 0, bytes: nil) }
    var text = text
    variableRoom += text.utf8.count
    return text.withUTF8 { utf8 in
      guard let memory = amqp_pool_alloc(&pool, utf8.count), let base = utf8.baseAddress else {
        preconditionFailure("librabbitmq has no memory for \(utf8.count) bytes")
      }
      memory.copyMemory(from: base, byteCount: utf8.count)
      return amqp_bytes_t(len: utf8.count, bytes: memory)
    }
  }

  /// A field table for a C structure; lives in the pool until the method is appended.
  func table(_ values: [String: FieldValue]) -> amqp_table_t {
    guard !values.isEmpty else { return amqp_table_t(num_entries: 0, entries: nil) }
    let stride = MemoryLayout<amqp_table_entry_t>.stride
    guard let memory = amqp_pool_alloc(&pool, stride * values.count) else {
      preconditionFailure("librabbitmq has no memory for a table of \(values.count) entries")
    }
    // More than the lengths, kinds and numbers of the entries take on the wire.
    variableRoom += stride * values.count
    let entries = memory.bindMemory(to: amqp_table_entry_t.self, capacity: values.count)
    for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
      entries[index] = amqp_table_entry_t(key: text(pair.key), value: value(pair.value))
    }
    return amqp_table_t(num_entries: Int32(values.count), entries: entries)
  }

  private func value(_ value: FieldValue) -> amqp_field_value_t {
    var native = amqp_field_value_t()
    switch value {
    case .bool(let flag):
      native.kind = UInt8(ascii: "t")
      native.value.boolean = flag ? 1 : 0
    case .int32(let number):
      native.kind = UInt8(ascii: "I")
      native.value.i32 = number
    case .int64(let number):
      native.kind = UInt8(ascii: "l")
      native.value.i64 = number
    case .string(let string):
      native.kind = UInt8(ascii: "S")
      native.value.bytes = text(string)
    case .table(let entries):
      native.kind = UInt8(ascii: "F")
      native.value.table = table(entries)
    }
    return native
  }
}
