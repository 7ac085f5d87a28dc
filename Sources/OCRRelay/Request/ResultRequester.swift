internal import RelayCore

/// Who asks a ``ResultDesk``. An object that lives anyway: closures would be allocated for each request.
protocol ResultRequester: AnyObject {
  /// There is a result; or none, and the requester has to make the call now and to report its end.
  func found(_ result: StoredResult?, for key: ResultKey)

  /// The requester's own result is kept, unless there was an earlier one, which is the one that counts then.
  func kept(_ own: StoredResult, earlier: StoredResult?)
}
