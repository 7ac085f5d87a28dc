internal import OCRContract

extension ErrorCode {
  /// What to do about it, in one line.
  func advice(_ language: Language) -> String { language.say(advice, chineseAdvice) }

  private var chineseAdvice: String {
    switch self {
    case .bodyEmpty: "请把接口的 JSON 或图片本身作为消息体发送。"
    case .bodyNotJSON: "消息体必须是一个 UTF-8 编码的 JSON 对象；请检查引号、逗号和结尾。"
    case .bodyTooLarge: "请发送更小的图片，或在 url 中给出其地址。"
    case .contentType: "请把 content_type 设为 application/json，或设为消息体中原始图片的类型。"
    case .contentEncoding: "请发送未压缩的消息体，不要设置 content_encoding。"
    case .headerInvalid: "请对照约定检查消息属性和消息头。"
    case .optionsInvalid: "消息头 ocr-options 必须是 JSON 对象，只含该接口的参数，不含 image 或 url。"
    case .deadlineInvalid: "消息头 ocr-deadline 是一个数字：自 1970 年起的毫秒数。"
    case .deadlineExceeded: "没有产生费用；如果仍然需要，请用更晚的截止时间重新发送。"
    case .apiMissing: "请在 type 属性或路由键中写明接口，例如 general-text。"
    case .unknownAPI: "请检查接口名称的拼写；它是 OCR 服务 URI 的最后一段。"
    case .apiNotInRegion: "中继所在区域不提供该接口；请换区域或换接口。"
    case .apiDisabled: "运维人员已关闭该接口；请联系其开启。"
    case .imageMissing: "请把图片（base64）放入 image，或把地址放入 url。"
    case .imageAndURL: "image 和 url 只能发送其中一个。"
    case .imageNotBase64: "请把文件编码为纯 base64，不带 data: 前缀。"
    case .imageFormat: "请把文件转换为该接口支持的格式，例如 JPEG 或 PNG。"
    case .imageDamaged: "文件被截断或已损坏；请用看图软件打开后重新导出。"
    case .imageTooLarge: "请缩小图片，或用更高的压缩率保存。"
    case .imageTooSmall: "请用更高的分辨率重新扫描。"
    case .urlInvalid: "请给出完整的 http 或 https 地址，必要时使用百分号编码。"
    case .urlForbidden: "运维人员不允许该地址；请使用允许的主机，或直接发送图片。"
    case .sourceDownloadFailed: "请确认 url 中的地址无需登录、能很快打开并返回图片。"
    case .replyInvalid: "请把 reply_to 设为队列名或 exchange/routing-key，最长 255 字节。"
    case .replyForbidden: "请使用中继设置所允许的应答队列，例如 ocr.reply.<名称>。"
    case .replyUnroutable: "应答队列已不存在；应答保存在 ocr.unroutable 中。"
    case .backendRejectedRequest: "请对照接口说明检查参数；OCR 服务的错误码说明更多。"
    case .backendRejectedImage: "请检查图片的格式、大小和质量，以及接口是否选对。"
    case .backendFailed: "请稍后重试；如果持续失败，请把请求 id 告知运维人员。"
    case .backendTimeout: "请稍后重试，可能的话使用更小的图片。"
    case .backendAnswerInvalid: "应答不是来自 OCR 服务；运维人员应检查中间的代理。"
    case .backendAnswerTooLarge: "应答超过中继的上限；请拆分页面或提高上限。"
    case .throttled: "当前调用过多；中继会自动放慢。"
    case .quotaExhausted: "OCR 服务的额度已用完；需要运维人员续费。"
    case .backendUnreachable: "运维人员应检查域名解析、网络和 endpoint 设置。"
    case .backendConnectTimeout: "运维人员应检查通往 OCR 服务的防火墙和代理。"
    case .backendConnectionLost: "连接在应答完整之前中断；请重试。"
    case .backendTLSFailed: "运维人员应检查证书、主机名和时钟。"
    case .backendRedirected: "endpoint 返回了重定向，中继从不跟随；请更正 endpoint 设置。"
    case .callCancelled: "中继取消了调用，例如因为正在关闭；请求会被重新处理。"
    case .authExpired: "中继会自动更新令牌；请重试。"
    case .authMisconfigured: "运维人员需要更正中继的凭据、项目或区域。"
    case .permissionDenied: "运维人员需要为中继的账号授予缺少的权限。"
    case .notSubscribed: "运维人员需要为该账号和区域开通此接口。"
    case .poison: "请求多次投递都没有结果；重放之前请先查看。"
    }
  }
}
