import CTesseract

/// Owns one Tesseract engine and frees it.
struct TesseractHandle: ~Copyable {
  /// The C handle; it never leaves this target.
  let pointer: OpaquePointer

  /// Loads the languages (`eng+chi_sim` form); nil when one is not installed.
  init?(languages: String) {
    guard let pointer = TessBaseAPICreate() else { return nil }
    guard TessBaseAPIInit3(pointer, nil, languages) == 0 else {
      TessBaseAPIDelete(pointer)
      return nil
    }
    _ = TessBaseAPISetVariable(pointer, "debug_file", "/dev/null")
    self.pointer = pointer
  }

  deinit { TessBaseAPIDelete(pointer) }
}
