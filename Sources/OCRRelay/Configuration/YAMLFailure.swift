/// Why a file is not a YAML document that a configuration can be read from.
struct YAMLFailure: Error, Equatable {
  var mark: YAMLNode.Mark
  var message: String
}
