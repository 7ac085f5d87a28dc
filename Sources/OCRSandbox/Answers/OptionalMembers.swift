/// Members of results that are there only when a parameter asks for them.
enum OptionalMembers {
  /// Member name to the parameters any of which brings it.
  private static let askedFor: [String: [String]] = [
    "text_location": ["return_text_location"], "portrait_image": ["return_portrait_image"],
    "portrait_location": ["return_portrait_location"], "adjusted_image": ["return_adjusted_image"],
    "verification_result": ["return_verification"], "idcard_type": ["return_idcard_type"],
    "excel": ["return_excel"], "rectification_matrix": ["return_rectification_matrix"],
    "image_size": ["return_image_size"], "table_location": ["return_table_location"],
    "char_list": ["character_mode", "return_char_location"], "markdown_result": ["return_markdown_result"],
    "seal_image": ["return_seal_image"], "erased_seal_image": ["return_erased_seal_image"],
    "image_location": ["return_image_location"], "seal_mark": ["detect_seal"],
    "alarm_result": ["alarm", "detect_blocking_within_border", "detect_border_integrity"],
    "alarm_confidence": ["alarm", "detect_blocking_within_border", "detect_border_integrity"],
    "kv_result": ["kv"], "table_result": ["table"], "layout_result": ["layout"], "form_result": ["form"],
    "formula_result": ["formula"], "font_list": ["detect_font"], "font_scores": ["detect_font"],
    "extracted_data": ["extract_type"], "issuing_authority": ["return_issuing_authority"],
    "score_info": detections,
  ]
  private static let detections = [
    "detect_border_integrity", "detect_blocking_within_border", "detect_blur", "detect_glare", "detect_tampering",
    "detect_reproduce", "detect_copy", "detect_interim", "return_idcard_type",
  ]

  /// Whether the member belongs into the answer to a call with these options.
  static func isWanted(_ name: String, options: RequestOptions) -> Bool {
    if name == "front" || name == "back" { return options.text("side") == "double_side" }
    var parameters = askedFor[name] ?? []
    if name.hasPrefix("detect_"), name.hasSuffix("_result") {
      parameters = [String(name.dropLast("_result".count))]
    }
    let known = parameters.filter(options.isKnown)
    return known.isEmpty || known.contains { options.isOn($0) || !options.texts($0).isEmpty }
  }
}
