extension String {
  /// Calls `use` with the text's UTF-8. Unlike `withUTF8` it needs no variable, whose reference would be counted.
  @inline(__always)
  func withBytes(_ use: (UnsafeRawBufferPointer) -> Void) {
    guard utf8.withContiguousStorageIfAvailable({ use(UnsafeRawBufferPointer($0)) }) == nil else { return }
    var native = self
    native.withUTF8 { use(UnsafeRawBufferPointer($0)) }
  }
}
