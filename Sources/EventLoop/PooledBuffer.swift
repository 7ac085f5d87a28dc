/// A block of memory of a ``BufferPool`` that grows on demand and returns to its pool with its last reference.
///
/// Isolation: not `Sendable`; it belongs to the loop of its pool. The pointers handed out live as long as the buffer
/// and until it grows; they are for the transports, which fill and send bodies in place.
public final class PooledBuffer {
  /// The bytes in use, from the start of the block.
  public private(set) var count = 0

  private var block: UnsafeMutableRawPointer
  private var sizeClass: Int
  private let pool: BufferPool

  init(block: UnsafeMutableRawPointer, sizeClass: Int, pool: BufferPool) {
    self.block = block
    self.sizeClass = sizeClass
    self.pool = pool
  }

  deinit {
    pool.give(back: block, sizeClass: sizeClass)
  }

  /// The size of the block in bytes.
  public var capacity: Int { 1 << sizeClass }

  /// The bytes in use.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: block, count: count) }

  /// The room behind the bytes in use. Call `commit(_:)` after writing into it.
  public var room: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: block + count, count: capacity - count)
  }

  /// Counts `written` bytes of the room as used.
  public func commit(_ written: Int) {
    precondition(written >= 0 && written <= capacity - count, "PooledBuffer.commit: more bytes than there was room for")
    count += written
  }

  /// Copies bytes behind those in use, growing the block when needed.
  public func append(_ source: UnsafeRawBufferPointer) {
    guard let base = source.baseAddress, !source.isEmpty else { return }
    reserve(source.count)
    (block + count).copyMemory(from: base, byteCount: source.count)
    count += source.count
  }

  /// Makes room for `additional` bytes; moves the block when it is too small.
  public func reserve(_ additional: Int) {
    guard additional > capacity - count else { return }
    let larger = pool.take(capacity: count + additional)
    larger.block.copyMemory(from: block, byteCount: count)
    swap(&block, &larger.block)
    swap(&sizeClass, &larger.sizeClass)
  }

  /// Replaces bytes in use, for a length field that is known only after what it counts.
  public func overwrite<Number: FixedWidthInteger>(at offset: Int, with number: Number) {
    precondition(
      offset >= 0 && offset + MemoryLayout<Number>.size <= count, "PooledBuffer.overwrite: outside of the bytes")
    block.storeBytes(of: number, toByteOffset: offset, as: Number.self)
  }

  /// Forgets the bytes, keeps the block.
  public func removeAll() {
    count = 0
  }
}
