/// Rules for the documents without rules of their own: the text beside a label that names the field.
enum LabelRules {
  private static let labels: [String: [String]] = [
    "name": ["姓名", "Name"], "name_en": ["Name"], "full_name": ["Full name", "Name"],
    "surname": ["姓/Surname", "Surname"],
    "given_name": ["Given names", "名/Given"], "last_name": ["Surname"], "first_name": ["Given names"],
    "sex": ["性别", "Sex"], "gender": ["性别", "Sex"], "nationality": ["国籍", "Nationality"], "ethnicity": ["民族"],
    "address": ["住址", "地址", "住所", "Address"], "owner_address": ["地址"], "birth": ["出生日期", "Date of Birth"],
    "birth_date": ["出生日期", "出生", "Date of Birth"], "date_of_birth": ["出生日期", "Date of Birth"],
    "birth_place": ["出生地点", "Place of Birth"], "place_of_birth": ["出生地点", "Place of Birth"],
    "issue_date": ["签发日期", "发证日期", "开票日期", "填发日期", "Date of Issue"], "date_of_issue": ["签发日期", "Date of Issue"],
    "expiry_date": ["有效期至", "有效期", "Date of Expiry"], "date_of_expiry": ["有效期至", "Date of Expiry"],
    "issuing_authority": ["签发机关", "发证机关", "Authority"], "place_of_issue": ["签发地点", "Place of Issue"],
    "passport_number": ["护照号码", "护照号", "Passport No"], "id_number": ["身份证号", "证件号码", "ID No"],
    "idcard_number": ["身份证号"], "id_card_number": ["公民身份证件编号", "身份证号"], "document_number": ["Document No"],
    "number": ["发票号码", "证号", "号码", "No."], "code": ["发票代码", "代码"], "machine_number": ["机器编号"],
    "buyer_name": ["购买方名称", "购方名称"], "seller_name": ["销售方名称", "销货单位名称"], "total": ["合计", "总计", "Total"],
    "amount": ["金额", "Amount"], "date": ["日期", "Date"], "time": ["时间", "Time"], "entry": ["入口"], "exit": ["出口"],
    "vehicle_type": ["车辆类型", "车型"], "model": ["品牌型号"], "use_character": ["使用性质"], "vin": ["车辆识别代号", "VIN"],
    "engine_no": ["发动机号码"], "engine_number": ["发动机号码"], "register_date": ["注册日期"], "class": ["准驾车型", "Class"],
    "file_number": ["档案编号"], "file_no": ["档案编号"], "valid_from": ["有效起始日期"], "valid_to": ["有效期至"],
    "owner_name": ["业户名称"], "business_scope": ["经营范围"], "license_number": ["道路运输证号", "经营许可证号"],
    "vehicle_number": ["车辆号牌"], "phone_number": ["联系电话", "电话", "手机号"], "phone": ["电话", "手机", "Tel"],
    "email": ["邮箱", "E-mail", "Email"], "company": ["公司", "单位"], "fare": ["票价", "Fare"], "flight": ["航班号"],
    "passenger_name": ["旅客姓名"], "serial_number": ["印刷序号"], "bill_number": ["票据号码", "保险单号"],
    "waybill_number": ["运单号"], "receiver_name": ["收件人"], "sender_name": ["寄件人"], "unit_price": ["单价"],
    "distance": ["里程"], "taxi_number": ["车号"], "boarding_time": ["上车"], "alighting_time": ["下车"],
    "applicant_name": ["投保人"], "vehicle_brand": ["车辆品牌"], "certificate_number": ["合格证编号", "证号"],
  ]

  static func fields(of specification: APISpecification, layout: Layout) -> Fields {
    var fields: Fields = [:]
    for name in names(in: specification.shape) {
      guard let labels = labels[name], let place = layout.place(of: labels) else { continue }
      fields[name] = layout.value(after: place).field
    }
    return fields
  }

  /// The names of all text members, at any depth.
  private static func names(in shape: Shape) -> Set<String> {
    switch shape {
    case .list(let element): names(in: element)
    case .fields(let fields):
      fields.reduce(into: []) { found, field in
        switch field.shape {
        case .string, .list(.string): found.insert(field.name)
        case .fields(let members) where members.contains { $0.name == "words" }: found.insert(field.name)
        default: found.formUnion(names(in: field.shape))
        }
      }
    default: []
    }
  }
}
