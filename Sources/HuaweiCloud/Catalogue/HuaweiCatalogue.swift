public import RelayCore

/// The OCR APIs of Huawei Cloud. Names, parameters and limits are data: `ocr-apis.json` next to this file says them for
/// people and other programs, `generate.py` turns it into Swift, so that starting up parses nothing.
public enum HuaweiCatalogue {
  /// All APIs that the vendor offers.
  public static let ocr = APICatalogue(makeAPIs())
}
