import RelayCore

/// A few APIs that between them have every kind of parameter and rule.
enum SampleCatalogue {
  static let limits = ImageLimits(
    formats: [.jpeg, .png, .bmp, .tiff], minSide: 15, maxSide: 4096, maxBase64Bytes: 4000)

  static let page = APIDescription(
    name: "page-text", operation: "ReadPage", pathTemplate: "/v2/{project_id}/ocr/page-text",
    parameters: [
      APIParameter("image", .image), APIParameter("url", .url), APIParameter("upright", .boolean),
      APIParameter("language", .string, values: ["auto", "zh", "en"]), APIParameter("title", .string),
      APIParameter("page", .integer, minimum: 1, maximum: 99), APIParameter("scale", .number),
      APIParameter("kinds", .strings, values: ["PP", "DL"]), APIParameter("extra", .object),
    ],
    exactlyOneOf: [["image", "url"]], image: limits, regions: ["north-1"])

  static let document = APIDescription(
    name: "document", operation: "ReadDocument", pathTemplate: "/v2/{project_id}/ocr/document",
    parameters: [
      APIParameter("data", .image), APIParameter("url", .url), APIParameter("template_id", .string),
      APIParameter("classifier_id", .string),
    ],
    exactlyOneOf: [["data", "url"], ["template_id", "classifier_id"]],
    image: ImageLimits(
      formats: [.jpeg, .png, .pdf], minSide: 15, maxSide: 30_000, maxPixels: 1_000_000, maxBase64Bytes: 10_485_760),
    regions: [])

  static let check = APIDescription(
    name: "check", operation: "Check", pathTemplate: "/v2/{project_id}/ocr/check",
    parameters: [APIParameter("number", .string, isRequired: true), APIParameter("code", .string)], image: nil,
    regions: [])

  static let all = APICatalogue([page, document, check])
}
