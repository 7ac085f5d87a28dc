/// Tesseract cannot be used on this machine.
public struct RecogniserError: Error, CustomStringConvertible {
  /// What is missing, and how to get it.
  public let description: String

  static let languagesMissing = RecogniserError(
    description: """
      Tesseract cannot load the languages eng and chi_sim. Install them with
        apt-get install tesseract-ocr-eng tesseract-ocr-chi-sim
      or start with --instant, which answers without reading the picture.
      """)
}
