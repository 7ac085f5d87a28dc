// swift-format-ignore-file

import Testing

/// Answers as the services send them, and what each must become. Keys, ids and names are made up.
struct SampleAnswer: Sendable, CustomTestStringConvertible {
  var status: Int
  var headers: [String: String] = [:]
  var body: String
  var domain: String
  var code: String?
  var message: String?
  var requestID: String?
  /// Domain and code of the table entry, its statuses, and its first phrase.
  var entry: (domain: String, code: String, statuses: [Int], phrase: String?)
  var retry: String
  var deadLetter: Bool
  var scope: String
  var errorClass: String
  var minimumWaitSeconds: Int?

  var testDescription: String { "\(status) \(body.prefix(60))" }

  static let all: [SampleAnswer] = [
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "AIS.0103", "error_msg": "The image size does not meet the requirements."}"#,
      domain: "ocr", code: #"AIS.0103"#, message: #"The image size does not meet the requirements."#, requestID: nil,
      entry: ("ocr", "AIS.0103", [400], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "unsupported_image", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_msg": "The input parameter is invalid.", "error_code": "AIS.0101"}\#n"#,
      domain: "ocr", code: #"AIS.0101"#, message: #"The input parameter is invalid."#, requestID: nil,
      entry: ("ocr", "AIS.0101", [400], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "invalid_request", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "AIS.0102", "error_msg": "The image format is not supported."}"#,
      domain: "ocr", code: #"AIS.0102"#, message: #"The image format is not supported."#, requestID: nil,
      entry: ("ocr", "AIS.0102", [400], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "unsupported_image", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: ["X-Request-Id": "0123456789abcdef0123456789abcdef"],
      body: #"{"error_code": "AIS.0105", "error_msg": "Recognition failed."}"#,
      domain: "ocr", code: #"AIS.0105"#, message: #"Recognition failed."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("ocr", "AIS.0105", [400], nil),
      retry: "backoff", deadLetter: false, scope: "message", errorClass: "upstream_failure", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"result": {"error_code": "AIS.0104", "error_msg": "The image is not supported or the image quality is poor."}}"#,
      domain: "ocr", code: #"AIS.0104"#, message: #"The image is not supported or the image quality is poor."#, requestID: nil,
      entry: ("ocr", "AIS.0104", [400], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "unsupported_image", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "AIS.0118", "error_msg": "Service request error or the tax authority’s interface was malfunctioning."}"#,
      domain: "ocr", code: #"AIS.0118"#, message: #"Service request error or the tax authority’s interface was malfunctioning."#, requestID: nil,
      entry: ("ocr", "AIS.0118", [400], #"tax authority"#),
      retry: "backoff", deadLetter: false, scope: "service", errorClass: "upstream_timeout", minimumWaitSeconds: 7200),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "ModelArts.4204", "error_msg": "Request api error! The API quota-invoice is not subscribed."}"#,
      domain: "modelarts", code: #"ModelArts.4204"#, message: #"Request api error! The API quota-invoice is not subscribed."#, requestID: nil,
      entry: ("modelarts", "ModelArts.4204", [400], #"not subscribed"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "not_subscribed", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 403, headers: [:],
      body: #"{"error_code": "ModelArts.4204", "error_msg": "Access api error! Not subscribe this api."}"#,
      domain: "modelarts", code: #"ModelArts.4204"#, message: #"Access api error! Not subscribe this api."#, requestID: nil,
      entry: ("modelarts", "ModelArts.4204", [400], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "not_subscribed", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_code": "ModelArts.0212", "error_msg": "Invalid Token header. The Token not contain project item. "}"#,
      domain: "modelarts", code: #"ModelArts.0212"#, message: #"Invalid Token header. The Token not contain project item. "#, requestID: nil,
      entry: ("modelarts", "ModelArts.0212", [], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 429, headers: [:],
      body: #"{"error_code": "ModelArts.4401", "error_msg": "Max concurrency error."}"#,
      domain: "modelarts", code: #"ModelArts.4401"#, message: #"Max concurrency error."#, requestID: nil,
      entry: ("modelarts", "ModelArts.4401", [], nil),
      retry: "backoff_with_rate_cut", deadLetter: false, scope: "service", errorClass: "quota_or_throttled", minimumWaitSeconds: 2),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "ModelArts.4603", "error_msg": "Obtaining the file from the URL failed."}"#,
      domain: "modelarts", code: #"ModelArts.4603"#, message: #"Obtaining the file from the URL failed."#, requestID: nil,
      entry: ("modelarts", "ModelArts.4603", [], nil),
      retry: "backoff", deadLetter: false, scope: "message", errorClass: "source_download_failed", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect IAM authentication information: decrypt token fail", "error_code": "APIG.0301", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0301"#, message: #"Incorrect IAM authentication information: decrypt token fail"#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0301", [401], #"decrypt token fail"#),
      retry: "after_token_refresh", deadLetter: false, scope: "credential", errorClass: "auth_expired", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect IAM authentication information: token expires", "error_code": "APIG.0301", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0301"#, message: #"Incorrect IAM authentication information: token expires"#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0301", [401], #"token expire"#),
      retry: "after_token_refresh", deadLetter: false, scope: "credential", errorClass: "auth_expired", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect IAM authentication information.", "error_code": "APIG.0301", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0301"#, message: #"Incorrect IAM authentication information."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0301", [401], nil),
      retry: "after_token_refresh", deadLetter: false, scope: "credential", errorClass: "auth_expired", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect IAM authentication information: verify aksk signature fail,canonicalRequest:POST|/v2/p/ocr/passport/||host:h|x-sdk-date:20260101T000000Z||host;x-sdk-date|e3b0", "error_code": "APIG.0301", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0301"#, message: #"Incorrect IAM authentication information: verify aksk signature fail,canonicalRequest:POST|/v2/p/ocr/passport/||host:h|x-sdk-date:20260101T000000Z||host;x-sdk-date|e3b0"#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0301", [401], #"verify aksk signature fail"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.", "error_code": "APIG.0301", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0301"#, message: #"Incorrect IAM authentication information: AK access failed to reach the limit,forbidden."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0301", [401], #"AK access failed to reach the limit"#),
      retry: "backoff", deadLetter: false, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: 300),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect IAM authentication information: decrypt token fail", "error_code": "APIGW.0301", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apigw", code: #"APIGW.0301"#, message: #"Incorrect IAM authentication information: decrypt token fail"#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apigw", "APIGW.0301", [401], #"decrypt token fail"#),
      retry: "after_token_refresh", deadLetter: false, scope: "credential", errorClass: "auth_expired", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "Incorrect app authentication information: signature expired, signature time:20230527T000431Z,server time:20230527T020608Z", "error_code": "APIGW.0303", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apigw", code: #"APIGW.0303"#, message: #"Incorrect app authentication information: signature expired, signature time:20230527T000431Z,server time:20230527T020608Z"#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apigw", "APIGW.0303", [401], #"signature expired"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_msg": "The token must be updated.", "error_code": "APIG.0307", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0307"#, message: #"The token must be updated."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0307", [401], nil),
      retry: "after_token_refresh", deadLetter: false, scope: "credential", errorClass: "auth_expired", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 429, headers: [:],
      body: #"{"error_msg": "The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute.", "error_code": "APIG.0308", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0308"#, message: #"The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0308", [429], nil),
      retry: "backoff_with_rate_cut", deadLetter: false, scope: "service", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 429, headers: [:],
      body: #"{"error_msg": "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:5 second", "error_code": "APIG.0308", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0308"#, message: #"The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:5 second"#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0308", [429], nil),
      retry: "backoff_with_rate_cut", deadLetter: false, scope: "service", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 413, headers: [:],
      body: #"{"error_msg": "Request entity too large.", "error_code": "APIG.0201", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0201"#, message: #"Request entity too large."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0201", [413], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "unsupported_image", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 494, headers: [:],
      body: #"{"error_msg": "Request headers too large.", "error_code": "APIG.0201", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0201"#, message: #"Request headers too large."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0201", [494], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 504, headers: [:],
      body: #"{"error_msg": "Backend timeout.", "error_code": "APIG.0201", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0201"#, message: #"Backend timeout."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0201", [504], nil),
      retry: "backoff", deadLetter: false, scope: "service", errorClass: "upstream_timeout", minimumWaitSeconds: 2),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_msg": "API request error.", "error_code": "APIG.0201", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0201"#, message: #"API request error."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0201", [400], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "invalid_request", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 404, headers: [:],
      body: #"{"error_msg": "The API does not exist or has not been published in the environment.", "error_code": "APIG.0101", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0101"#, message: #"The API does not exist or has not been published in the environment."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0101", [404], nil),
      retry: "never", deadLetter: true, scope: "service", errorClass: "invalid_request", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 405, headers: [:],
      body: #"{"error_msg": "The app quota has been used up.", "error_code": "APIG.0501", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.0501"#, message: #"The app quota has been used up."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("apig", "APIG.0501", [405], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}"#,
      domain: "iam", code: #"401"#, message: #"The username or password is wrong."#, requestID: nil,
      entry: ("iam", "401", [401], #"username or password is wrong"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error": {"code": 401, "message": "The account is locked.", "title": "Unauthorized"}}"#,
      domain: "iam", code: #"401"#, message: #"The account is locked."#, requestID: nil,
      entry: ("iam", "401", [401], #"account is locked"#),
      retry: "backoff", deadLetter: false, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: 900),
    SampleAnswer(
      status: 429, headers: [:],
      body: #"{"error_code": "IAM.0012", "error_msg": "The throttling threshold has been reached. Threshold: 10 times per 60 seconds"}"#,
      domain: "iam", code: #"IAM.0012"#, message: #"The throttling threshold has been reached. Threshold: 10 times per 60 seconds"#, requestID: nil,
      entry: ("iam", "IAM.0012", [429], nil),
      retry: "backoff_with_rate_cut", deadLetter: false, scope: "service", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_code": "100208", "error_desc": "AppId or secret is not right."}"#,
      domain: "iot", code: #"100208"#, message: #"AppId or secret is not right."#, requestID: nil,
      entry: ("iot", "100208", [401], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error_code": 100208, "error_desc": "AppId or secret is not right."}"#,
      domain: "iot", code: #"100208"#, message: #"AppId or secret is not right."#, requestID: nil,
      entry: ("iot", "100208", [401], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "100449", "error_desc": "The device is freezed cant operate."}"#,
      domain: "iot", code: #"100449"#, message: #"The device is freezed cant operate."#, requestID: nil,
      entry: ("iot", "100449", [400], nil),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "permission_denied", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error": {"code": "", "message": "无效的令牌 (request id: 20260219100814161456584b503l5fK)", "type": "new_api_error"}}"#,
      domain: "gateway", code: #""#, message: #"无效的令牌"#, requestID: #"20260219100814161456584b503l5fK"#,
      entry: ("gateway", "", [401], #"无效的令牌"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error": {"message": "Invalid token (request id: 2026010100000012345678abcdefgh) (request id: 2026010100000123456789ijklmnop)", "type": "new_api_error", "param": "", "code": null}}"#,
      domain: "gateway", code: #""#, message: #"Invalid token"#, requestID: #"2026010100000123456789ijklmnop"#,
      entry: ("gateway", "", [401], #"无效的令牌"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 401, headers: [:],
      body: #"{"error": {"message": "该令牌已过期 (request id: 2026010100000012345678)", "type": "one_api_error"}}"#,
      domain: "gateway", code: #""#, message: #"该令牌已过期"#, requestID: #"2026010100000012345678"#,
      entry: ("gateway", "", [401], #"令牌已过期"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "auth_misconfigured", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 429, headers: [:],
      body: #"{"error": {"message": "您已达到总请求数限制：1分钟内最多请求60次，包括失败次数，请检查您的请求是否正确 (request id: 2026010100000012345678abcdefgh)", "type": "new_api_error", "code": ""}}"#,
      domain: "gateway", code: #""#, message: #"您已达到总请求数限制：1分钟内最多请求60次，包括失败次数，请检查您的请求是否正确"#, requestID: #"2026010100000012345678abcdefgh"#,
      entry: ("gateway", "", [429], #"已达到总请求数限制"#),
      retry: "backoff_with_rate_cut", deadLetter: false, scope: "service", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 403, headers: [:],
      body: #"{"error": {"message": "user quota is not enough (request id: 2026010100000012345678abcdefgh)", "type": "new_api_error", "code": "insufficient_user_quota"}}"#,
      domain: "gateway", code: #"insufficient_user_quota"#, message: #"user quota is not enough"#, requestID: #"2026010100000012345678abcdefgh"#,
      entry: ("gateway", "insufficient_user_quota", [403], #"quota is not enough"#),
      retry: "never", deadLetter: true, scope: "credential", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 429, headers: [:],
      body: #""#,
      domain: "http", code: nil, message: nil, requestID: nil,
      entry: ("http", "429", [429], nil),
      retry: "backoff_with_rate_cut", deadLetter: false, scope: "service", errorClass: "quota_or_throttled", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 502, headers: [:],
      body: #"<html><head><title>502 Bad Gateway</title></head></html>"#,
      domain: "http", code: nil, message: nil, requestID: nil,
      entry: ("http", "502", [502], nil),
      retry: "backoff", deadLetter: false, scope: "service", errorClass: "upstream_failure", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 503, headers: ["Retry-After": "30"],
      body: #"<html>maintenance</html>"#,
      domain: "http", code: nil, message: nil, requestID: nil,
      entry: ("http", "503", [503], nil),
      retry: "backoff", deadLetter: false, scope: "service", errorClass: "upstream_failure", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 400, headers: [:],
      body: #"{"error_code": "AIS.0999", "error_msg": "Something new."}"#,
      domain: "ocr", code: #"AIS.0999"#, message: #"Something new."#, requestID: nil,
      entry: ("http", "400", [400], nil),
      retry: "never", deadLetter: true, scope: "message", errorClass: "invalid_request", minimumWaitSeconds: nil),
    SampleAnswer(
      status: 500, headers: [:],
      body: #"{"error_msg": "Something new.", "error_code": "APIG.9999", "request_id": "0123456789abcdef0123456789abcdef"}"#,
      domain: "apig", code: #"APIG.9999"#, message: #"Something new."#, requestID: #"0123456789abcdef0123456789abcdef"#,
      entry: ("http", "500", [500], nil),
      retry: "backoff", deadLetter: false, scope: "service", errorClass: "upstream_failure", minimumWaitSeconds: nil),
  ]
}
