internal import OCRContract

extension ErrorClass {
  /// What happened, in a few words.
  func title(_ language: Language) -> String { language.say(title, chineseTitle) }

  private var chineseTitle: String {
    switch self {
    case .invalidRequest: "请求不符合接口规则"
    case .unsupportedImage: "图片无法使用"
    case .sourceDownloadFailed: "图片下载失败"
    case .authExpired: "中继的令牌已过期"
    case .authMisconfigured: "中继的凭据或设置有误"
    case .permissionDenied: "中继的账号缺少权限"
    case .notSubscribed: "中继的账号未开通该接口"
    case .quotaOrThrottled: "OCR 服务暂时不再接受调用"
    case .upstreamFailure: "OCR 服务出错"
    case .upstreamTimeout: "OCR 服务未及时应答"
    case .deadlineExceeded: "请求的截止时间已过"
    case .poison: "请求多次投递后被放弃"
    case .unroutable: "应答无法送达"
    case .replyForbidden: "不允许的应答目标"
    case .malformed: "消息不符合约定"
    case .unsupportedAPI: "不提供该接口"
    }
  }
}
