internal import CHiredis
internal import EventLoop

/// Writes commands as bytes, by hiredis. Its working memory is used again for each command.
struct CommandEncoder {
  private var bytes: [UInt8] = []
  private var lengths: [Int] = []
  private var addresses: [UnsafePointer<CChar>?] = []

  /// Appends the command to the output, unless it has more than `limit` bytes.
  mutating func append(_ command: RedisCommand, to output: PooledBuffer, limit: Int) throws(RedisFailure) {
    gather(command)
    guard bytes.count <= limit else {
      throw RedisFailure(.tooLarge, "a command of \(bytes.count) bytes is larger than the \(limit) bytes that are sent")
    }
    var target: UnsafeMutablePointer<CChar>?
    let count = format(&target)
    guard count > 0, let target else { preconditionFailure("hiredis has no memory for a command") }
    output.append(UnsafeRawBufferPointer(start: target, count: Int(count)))
    redisFreeCommand(target)
    // A large value leaves no large block behind.
    if bytes.capacity > 1 << 16 { bytes = [] }
  }

  /// The arguments one behind the other, with their lengths.
  private mutating func gather(_ command: RedisCommand) {
    bytes.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    for part in command.parts {
      let start = bytes.count
      switch part {
      case .text(let text): bytes.append(contentsOf: text.utf8)
      case .bytes(let value): bytes.append(contentsOf: value)
      case .integer(let number): bytes.append(contentsOf: String(number).utf8)
      }
      lengths.append(bytes.count - start)
    }
    // An array of nothing but empty arguments still needs an address.
    bytes.append(0)
  }

  private mutating func format(_ target: inout UnsafeMutablePointer<CChar>?) -> Int32 {
    bytes.withUnsafeBytes { raw in
      guard var next = raw.baseAddress?.assumingMemoryBound(to: CChar.self) else { return -1 }
      addresses.removeAll(keepingCapacity: true)
      for length in lengths {
        addresses.append(next)
        next += length
      }
      return redisFormatCommandArgv(&target, Int32(clamping: lengths.count), &addresses, lengths)
    }
  }
}
