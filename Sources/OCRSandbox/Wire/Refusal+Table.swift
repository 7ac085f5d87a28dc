/// The refusals that the sandbox speaks on its own account. Codes, texts and statuses are wire facts of the services.
extension Refusal {
  // MARK: API gateway
  static let unknownAPI = Refusal(
    .gateway, 404, "APIG.0101", "The API does not exist or has not been published in the environment.")
  static let bodyTooLarge = Refusal(.gateway, 413, "APIG.0201", "Request entity too large.")
  static let uriTooLarge = Refusal(.gateway, 414, "APIG.0201", "Request URI too large.")
  static let headersTooLarge = Refusal(.gateway, 494, "APIG.0201", "Request headers too large.")
  static let tokenMissing = Refusal(
    .gateway, 401, "APIG.0301", "Incorrect IAM authentication information: x-auth-token not found")
  static let tokenUndecryptable = Refusal(
    .gateway, 401, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail")
  static let tokenExpired = Refusal(
    .gateway, 401, "APIG.0301", "Incorrect IAM authentication information: token expires")
  static let tokenRevoked = Refusal(.gateway, 401, "APIG.0307", "The token must be updated.")
  static let signatureMalformed = Refusal(
    .gateway, 401, "APIG.0301", "Incorrect IAM authentication information: verify aksk signature fail")
  static let accessKeyUnknown = Refusal(
    .gateway, 401, "APIG.0301",
    "Incorrect IAM authentication information: Get secretKey failed,ak:******,err:ak not exist")
  static let accessKeyLocked = Refusal(
    .gateway, 401, "APIG.0301",
    "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.")
  static let securityTokenWrong = Refusal(
    .gateway, 401, "APIG.0301", "Incorrect IAM authentication information: decrypt token fail")

  /// The gateway shows the request as it read it, with bars for line ends.
  static func signatureWrong(canonicalRequest: String) -> Refusal {
    Refusal(
      .gateway, 401, "APIG.0301",
      "Incorrect IAM authentication information: verify aksk signature fail,canonicalRequest:"
        + canonicalRequest.replacing("\n", with: "|"))
  }

  /// The date of the signature and the gateway's own time differ too much.
  static func signatureExpired(signed: String, now: String) -> Refusal {
    Refusal(
      .gateway, 401, "APIG.0303",
      "Incorrect app authentication information: signature expired, signature time:\(signed),server time:\(now)")
  }

  static let projectUnavailable = Refusal(.gateway, 403, "APIG.0310", "The project is unavailable.")

  /// The gateway's throttling text for a limit of `limit` calls in `seconds`.
  static func throttled(policy: String = "user", limit: Int, seconds: Int) -> Refusal {
    let (count, unit) =
      switch seconds {
      case let s where s > 0 && s % 86_400 == 0: (s / 86_400, "day")
      case let s where s > 0 && s % 3600 == 0: (s / 3600, "hour")
      case let s where s > 0 && s % 60 == 0: (s / 60, "minute")
      default: (seconds, "second")
      }
    return Refusal(
      .gateway, 429, "APIG.0308",
      "The throttling threshold has been reached: policy \(policy) over ratelimit,limit:\(limit),time:\(count) \(unit)."
    )
  }

  // MARK: OCR service
  static let domainToken = Refusal(
    .service, 401, "ModelArts.0212", "Invalid Token header. The Token not contain project item. ")
  static let accessDenied = Refusal(.service, 403, "ModelArts.4203", "Access denied! You do not have permission.")
  static let invalidJSON = Refusal(
    .service, 400, "ModelArts.4105", "The JSON format of the input data is incorrect.")
  static let tooManyAtOnce = Refusal(.service, 429, "ModelArts.4401", "Max concurrency error.")
  static let downloadFailed = Refusal(.service, 400, "ModelArts.4603", "Obtaining the file from the URL failed.")
  static let urlForbidden = Refusal(.service, 400, "ModelArts.4601", "The URL is not allowed.")
  static let downloadTooLarge = Refusal(.service, 400, "ModelArts.4705", "The file stored on the OBS is oversized.")
  static let invalidParameter = Refusal(.service, 400, "AIS.0101", "The input parameter is invalid.")
  static let unsupportedFormat = Refusal(.service, 400, "AIS.0102", "The image format is not supported.")
  static let wrongSize = Refusal(.service, 400, "AIS.0103", "The image size does not meet the requirements.")
  static let poorImage = Refusal(
    .service, 400, "AIS.0104", "The image is not supported or the image quality is poor.")
  static let recognitionFailed = Refusal(.service, 400, "AIS.0105", "Recognition failed.")
  static let unknownTemplate = Refusal(.service, 400, "AIS.0117", "Input ID does not exist.")
  static let internalFailure = Refusal(
    .service, 500, "ModelArts.4505", "Backend service internal error.")

  // MARK: platform of applications
  static let platformFieldMissing = Refusal(.platform, 400, "102202", "Required Parameter is null or empty.")
  static let applicationUnknown = Refusal(.platform, 401, "100208", "AppId or secret is not right.")
  static let refreshTokenWrong = Refusal(.platform, 401, "100006", "Refresh access token failed.")
  static let accessTokenWrong = Refusal(.platform, 401, "100002", "Invalid access_token or appId.")

  // MARK: bearer-key gateway
  static let bearerKeyWrong = Refusal(.bearerGateway, 401, "", "无效的令牌")

  // MARK: identity service
  static let wrongPassword = Refusal(.identity, 401, "401", "The username or password is wrong.")
  static let accountLocked = Refusal(.identity, 401, "401", "The account is locked.")
  static let invalidIdentityBody = Refusal(.identity, 400, "400", "The request body is invalid")
  static let invalidAuthToken = Refusal(.identity, 401, "401", "The X-Auth-Token is invalid!")
  static let invalidSubjectToken = Refusal(.identity, 404, "404", "X-Subject-Token is invalid in the request")
  static let unknownProject = Refusal(.identity, 400, "IAM.1109", "The project information cannot be found.")
  static let unknownIdentityPath = Refusal(
    .gateway, 404, "APIGW.0101", "The API does not exist or has not been published in the environment.")

  /// The identity service's own limit of 32 KB for a body.
  static func identityBodyTooLarge(_ size: Int) -> Refusal {
    Refusal(.identity, 400, "IAM.1101", "The request body size \(size) is invalid.")
  }
}
