/// A block of memory of a ``BufferPool`` that grows on demand and returns to its pool with its last reference.
///
/// Isolation: not `Sendable`; it belongs to the loop of its pool. The pointers handed out live as long as the buffer
/// and until it grows; they are for the transports, which fill and send bodies in place.
public final class PooledBuffer {
  // Seen by the inlined writes, with which transports put a frame together from many small pieces; changed here alone.
  @usableFromInline var used = 0
  @usableFromInline var block: UnsafeMutableRawPointer
  /// The size of the block in bytes.
  public private(set) var capacity: Int
  private let pool: BufferPool

  init(block: UnsafeMutableRawPointer, capacity: Int, pool: BufferPool) {
    self.block = block
    self.capacity = capacity
    self.pool = pool
  }

  deinit {
    pool.give(back: block, size: capacity)
  }

  /// The number of bytes in use, which begin at the start of the block.
  @inlinable public var count: Int { used }

  /// The bytes in use.
  @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: block, count: used) }

  /// The room behind the bytes in use. Call `commit(_:)` after writing into it.
  public var room: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: block + used, count: capacity - used)
  }

  /// Counts `written` bytes of the room as used.
  public func commit(_ written: Int) {
    precondition(written >= 0 && written <= capacity - used, "PooledBuffer.commit: more bytes than there was room for")
    used += written
  }

  /// Copies bytes behind those in use, growing the block when needed.
  @inlinable
  public func append(_ source: UnsafeRawBufferPointer) {
    guard let base = source.baseAddress, !source.isEmpty else { return }
    if source.count > capacity - used { grow(by: source.count) }
    (block + used).copyMemory(from: base, byteCount: source.count)
    used += source.count
  }

  /// Writes a number behind the bytes in use, most significant byte first.
  @inlinable @inline(__always)
  public func append<Number: FixedWidthInteger & BitwiseCopyable>(bigEndian number: Number) {
    let size = MemoryLayout<Number>.size
    if size > capacity - used { grow(by: size) }
    block.storeBytes(of: number.bigEndian, toByteOffset: used, as: Number.self)
    used += size
  }

  /// Makes room for `additional` bytes; moves the block when it is too small.
  @inlinable
  public func reserve(_ additional: Int) {
    if additional > capacity - used { grow(by: additional) }
  }

  @usableFromInline
  func grow(by additional: Int) {
    let larger = pool.take(capacity: used + additional)
    larger.block.copyMemory(from: block, byteCount: used)
    let (outgrown, outgrownCapacity) = (block, capacity)
    (block, capacity) = (larger.block, larger.capacity)
    (larger.block, larger.capacity) = (outgrown, outgrownCapacity)
  }

  /// Replaces bytes in use, for a length field that is known only after what it counts.
  @inlinable
  public func overwrite<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, with number: Number) {
    precondition(
      offset >= 0 && offset + MemoryLayout<Number>.size <= used, "PooledBuffer.overwrite: outside of the bytes")
    block.storeBytes(of: number, toByteOffset: offset, as: Number.self)
  }

  /// Forgets the bytes, keeps the block.
  public func removeAll() {
    used = 0
  }
}
