// Made by generate.py from ocr-apis.json; change that file, not this one.

// swift-format-ignore-file

import RelayCore

extension HuaweiCatalogue {
  /// All APIs, ordered by name.
  static func makeAPIs() -> [APIDescription] {
    let p0 = APIParameter("image", .image)
    let p1 = APIParameter("url", .url)
    let p2 = APIParameter("type_list", .strings)
    let p3 = APIParameter("pdf_page_number", .integer, minimum: 1)
    let p4 = APIParameter("extended_parameters", .object)
    let p5 = APIParameter("detect_seal", .boolean)
    let p6 = APIParameter("data", .image)
    let p7 = APIParameter("alarm", .boolean)
    let p8 = APIParameter("page_num", .integer, minimum: 1)
    let p9 = APIParameter("single_orientation_mode", .boolean)
    let p10 = APIParameter("erase_seal", .boolean)
    let p11 = APIParameter("return_text_location", .boolean)
    let p12 = APIParameter("detect_direction", .boolean)
    let p13 = APIParameter("return_adjusted_image", .boolean)
    let p14 = APIParameter("return_portrait_image", .boolean)
    let p15 = APIParameter("return_portrait_location", .boolean)
    let p16 = APIParameter("return_idcard_type", .boolean)
    let p17 = APIParameter("detect_border_integrity", .boolean)
    let p18 = APIParameter("detect_blocking_within_border", .boolean)
    let p19 = APIParameter("detect_blur", .boolean)
    let p20 = APIParameter("detect_glare", .boolean)
    let p21 = APIParameter("detect_tampering", .boolean)
    let p22 = APIParameter("detect_reproduce", .boolean)
    let p23 = APIParameter("template_id", .string)
    let p24 = APIParameter("classifier_id", .string)
    let p25 = APIParameter("classifier_mode", .boolean)
    let p26 = APIParameter("side", .string, values: ["front", "back", "double_side"])
    let p27 = APIParameter("return_issuing_authority", .boolean)
    let p28 = APIParameter("return_confidence", .boolean)
    let p29 = APIParameter("return_excel", .boolean)
    let p30 = APIParameter("return_table_location", .boolean)
    let p31 = APIParameter("return_image_size", .boolean)
    let p32 = APIParameter("return_rectification_matrix", .boolean)
    let p33 = APIParameter("return_char_location", .boolean)
    let p34 = APIParameter("with_borders", .boolean)
    let p35 = APIParameter("quick_mode", .boolean)
    let p36 = APIParameter("character_mode", .boolean)
    let p37 = APIParameter("language", .string, values: ["auto", "ms", "uk", "hi", "ru", "vi", "id", "th", "zh", "ar", "de", "la", "fr", "it", "es", "pt", "ro", "pl", "am", "ja", "ko", "tr", "no", "da", "sv", "km", "he"])
    let p38 = APIParameter("return_markdown_result", .boolean)
    let p39 = APIParameter("char_set", .string, values: ["digit", "letter", "digit_letter", "general"])
    let p40 = APIParameter("return_verification", .boolean)
    let p41 = APIParameter("detect_copy", .boolean)
    let p42 = APIParameter("detect_interim", .boolean)
    let p43 = APIParameter("country_region", .strings, values: ["VNM", "IND", "PHL", "ALB", "BRA", "IDN", "MYS", "NGA", "PAK", "RUS", "TWN", "UKR", "THA", "CHL", "HKG"])
    let p44 = APIParameter("id_type", .strings, values: ["PP", "DL", "ID"])
    let p45 = APIParameter("code", .string)
    let p46 = APIParameter("number", .string, isRequired: true)
    let p47 = APIParameter("issue_date", .string, isRequired: true)
    let p48 = APIParameter("check_code", .string)
    let p49 = APIParameter("subtotal_amount", .string)
    let p50 = APIParameter("side", .string, values: ["front", "back"])
    let p51 = APIParameter("type", .string, values: ["auto", "new", "used"])
    let p52 = APIParameter("convert_unicode", .boolean)
    let p53 = APIParameter("return_translation", .boolean)
    let p54 = APIParameter("country_code", .string, values: ["GENERAL", "CHN"])
    let p55 = APIParameter("return_seal_image", .boolean)
    let p56 = APIParameter("return_erased_seal_image", .boolean)
    let p57 = APIParameter("kv", .boolean)
    let p58 = APIParameter("table", .boolean)
    let p59 = APIParameter("layout", .boolean)
    let p60 = APIParameter("form", .boolean)
    let p61 = APIParameter("formula", .boolean)
    let p62 = APIParameter("image_layout", .boolean)
    let p63 = APIParameter("kv_map", .string)
    let p64 = APIParameter("return_image_location", .boolean)
    let p65 = APIParameter("advanced_mode", .boolean)
    let p66 = APIParameter("ofd_to_image_mode", .boolean)
    let p67 = APIParameter("recognize_electronic_license", .boolean)
    let p68 = APIParameter("extract_type", .strings, values: ["contact_info", "image_size"])
    let p69 = APIParameter("detect_font", .boolean)
    let p70 = APIParameter("detect_text_direction", .boolean)
    let i0 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff], minSide: 15, maxSide: 8192, maxBase64Bytes: 10485760)
    let i1 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .pdf, .ofd], minSide: 15, maxSide: 8192, maxBase64Bytes: 10485760)
    let i2 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .pdf], minSide: 15, maxSide: 8192, maxBase64Bytes: 10485760)
    let i3 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .gif, .webp], minSide: 15, maxSide: 8192, maxBase64Bytes: 10485760)
    let i4 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff], minSide: 100, maxSide: 8192, maxBase64Bytes: 10485760)
    let i5 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .gif, .webp, .pcx, .ico, .psd, .pdf], minSide: 15, maxSide: 30000, maxPixels: 160000000, maxBase64Bytes: 10485760)
    let i6 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff], minSide: 8, maxSide: 8192, maxBase64Bytes: 10485760)
    let i7 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff], minSide: 15, maxSide: 4096, maxBase64Bytes: 10485760)
    let i8 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .pdf], minSide: 100, maxSide: 8000, maxBase64Bytes: 10485760)
    let i9 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .gif, .webp, .pcx, .ico, .psd, .pdf], minSide: 15, maxSide: 8192, maxBase64Bytes: 10485760)
    let i10 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .pdf], minSide: 15, maxSide: 30000, maxBase64Bytes: 10485760)
    let i11 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .ofd], minSide: 15, maxSide: 8192, maxBase64Bytes: 10485760)
    let i12 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .pdf, .ofd], minSide: 100, maxSide: 8192, maxBase64Bytes: 10485760)
    let i13 = ImageLimits(formats: [.jpeg, .png, .bmp, .tiff, .gif, .webp], minSide: 15, maxSide: 30000, maxBase64Bytes: 10485760)
    let r0 = ["cn-north-4", "cn-south-1"]
    let r1 = ["cn-north-4"]
    let r2 = [String]()
    let r3 = ["cn-north-4", "cn-east-3"]
    let r4 = ["ap-southeast-3"]
    let r5 = ["la-south-2"]
    let r6 = ["la-north-2"]
    let r7 = ["cn-east-3"]
    let r8 = ["cn-north-4", "cn-east-3", "ap-southeast-3"]
    let r9 = ["cn-north-4", "cn-east-3", "ap-southeast-1"]
    let r10 = ["ap-southeast-1"]
    let r11 = ["ap-southeast-1", "ap-southeast-2"]
    let r12 = ["cn-north-4", "ap-southeast-1", "ap-southeast-2"]
    let r13 = ["cn-north-4", "ap-southeast-1", "ap-southeast-3"]
    let r14 = ["ap-southeast-2"]
    let r15 = ["cn-north-4", "cn-south-1", "cn-east-3", "ap-southeast-2"]
    let g0 = [["image", "url"]]
    let g1 = [["data", "url"]]
    let g2 = [["image", "url"], ["template_id", "classifier_id"]]
    let g3 = [[String]]()
    var apis: [APIDescription] = []
    apis.reserveCapacity(52)
    func add(
      _ name: String, _ operation: String, _ parameters: [APIParameter], _ groups: [[String]], _ image: ImageLimits?,
      _ regions: [String]
    ) {
      apis.append(
        APIDescription(
          name: name, operation: operation, pathTemplate: "/v2/{project_id}/ocr/\(name)",
          parameters: parameters, exactlyOneOf: groups, image: image, regions: regions))
    }
    add("acceptance-bill", "RecognizeAcceptanceBill", [p0, p1], g0, i0, r0)
    add("auto-classification", "RecognizeAutoClassification", [p0, p1, p2, p3, p4, p5], g0, i1, r1)
    add("auto-id-doc-classification", "RecognizeAutoIdDocClassification", [p6, p1, p7], g1, i0, r2)
    add("bank-receipt", "RecognizeBankReceipt", [p6, p1, p8, p9, p10], g1, i2, r1)
    add("bankcard", "RecognizeBankcard", [p0, p1, p11], g0, i0, r3)
    add("business-card", "RecognizeBusinessCard", [p0, p1, p12, p13], g0, i0, r1)
    add("business-license", "RecognizeBusinessLicense", [p0, p1], g0, i2, r3)
    add("cambodian-idcard", "RecognizeCambodianIdCard", [p0, p1, p14, p15, p16, p17, p18, p19, p20, p13, p21, p22], g0, i0, r4)
    add("chile-id-card", "RecognizeChileIdCard", [p0, p1], g0, i0, r5)
    add("colombia-id-card", "RecognizeColombiaIdCard", [p0, p1], g0, i0, r6)
    add("custom-template", "RecognizeCustomTemplate", [p0, p1, p23, p24, p25], g2, i3, r2)
    add("driver-license", "RecognizeDriverLicense", [p0, p1, p26, p27, p11], g0, i4, r3)
    add("exit-entry-permit", "RecognizeExitEntryPermit", [p0, p1, p14, p15], g0, i0, r2)
    add("financial-statement", "RecognizeFinancialStatement", [p0, p1, p11, p28, p29, p30, p31, p32], g0, i0, r7)
    add("flight-itinerary", "RecognizeFlightItinerary", [p0, p1], g0, i0, r1)
    add("general-table", "RecognizeGeneralTable", [p0, p1, p11, p33, p28, p29, p32, p34], g0, i0, r8)
    add("general-text", "RecognizeGeneralText", [p0, p1, p12, p35, p36, p37, p9, p3, p38], g0, i5, r9)
    add("handwriting", "RecognizeHandwriting", [p0, p1, p35, p39, p12], g0, i6, r1)
    add("health-code", "RecognizeHealthCode", [p0, p1, p12], g0, i0, r2)
    add("hk-id-card", "RecognizeHkIdCard", [p0, p1, p14, p15], g0, i0, r2)
    add("household-register", "RecognizeHouseholdRegister", [p0, p1], g0, i0, r1)
    add("id-card", "RecognizeIdCard", [p0, p1, p26, p40, p11, p22, p41, p15, p14, p13, p21, p17, p18, p19, p42, p20], g0, i0, r3)
    add("id-document", "RecognizeIdDocument", [p0, p1, p43, p44, p14], g0, i4, r2)
    add("insurance-policy", "RecognizeInsurancePolicy", [p0, p1, p12], g0, i0, r3)
    add("invoice-verification", "RecognizeInvoiceVerification", [p45, p46, p47, p48, p49], g3, nil, r3)
    add("license-plate", "RecognizeLicensePlate", [p0, p1], g0, i7, r3)
    add("macao-id-card", "RecognizeMacaoIdCard", [p0, p1, p50, p14], g0, i0, r2)
    add("mainland-travel-permit", "RecognizeMainlandTravelPermit", [p0, p1, p14, p15], g0, i0, r2)
    add("mvs-invoice", "RecognizeMvsInvoice", [p0, p1, p11, p28, p51], g0, i8, r3)
    add("myanmar-driver-license", "RecognizeMyanmarDriverLicense", [p0, p1, p52], g0, i7, r10)
    add("myanmar-id-card", "RecognizeMyanmarIdcard", [p0, p1, p52, p28, p14, p15, p16, p53], g0, i0, r11)
    add("passport", "RecognizePassport", [p0, p1, p54], g0, i0, r12)
    add("pcr-test-record", "RecognizePcrTestRecord", [p0, p1, p12], g0, i0, r2)
    add("peru-id-card", "RecognizePeruIdCard", [p0, p1, p14, p15], g0, i2, r5)
    add("quota-invoice", "RecognizeQuotaInvoice", [p0, p1], g0, i7, r1)
    add("real-estate-certificate", "RecognizeRealEstateCertificate", [p0, p1], g0, i0, r0)
    add("seal", "RecognizeSeal", [p6, p1, p55, p56, p3], g1, i9, r1)
    add("smart-document-recognizer", "RecognizeSmartDocumentRecognizer", [p6, p1, p9, p37, p57, p58, p59, p29, p60, p61, p62, p63, p10, p3, p36], g1, i10, r13)
    add("taxi-invoice", "RecognizeTaxiInvoice", [p0, p1, p11], g0, i7, r1)
    add("thailand-id-card", "RecognizeThailandIdcard", [p0, p1, p50, p14, p15, p16, p11], g0, i0, r14)
    add("thailand-license-plate", "RecognizeThailandLicensePlate", [p0, p1], g0, i0, r14)
    add("toll-invoice", "RecognizeTollInvoice", [p0, p1, p11], g0, i7, r1)
    add("train-ticket", "RecognizeTrainTicket", [p0, p1, p11], g0, i11, r1)
    add("transportation-license", "RecognizeTransportationLicense", [p0, p1, p64, p13], g0, i7, r3)
    add("transportation-qualification-certificate", "RecognizeQualificationCertificate", [p0, p1], g0, i0, r7)
    add("vat-invoice", "RecognizeVatInvoice", [p0, p1, p65, p11, p8, p66], g0, i12, r3)
    add("vehicle-certificate", "RecognizeVehicleCertificate", [p0, p1, p11], g0, i0, r1)
    add("vehicle-license", "RecognizeVehicleLicense", [p0, p1, p26, p27, p11, p67, p7], g0, i4, r3)
    add("vietnam-id-card", "RecognizeVietnamIdCard", [p0, p1, p50, p14, p15, p16, p11], g0, i0, r10)
    add("vin", "RecognizeVin", [p0, p1], g0, i7, r1)
    add("waybill-electronic", "RecognizeWaybillElectronic", [p0, p1], g0, i0, r2)
    add("web-image", "RecognizeWebImage", [p0, p1, p12, p68, p69, p70], g0, i13, r15)
    return apis
  }
}
