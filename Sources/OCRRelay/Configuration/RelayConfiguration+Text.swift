extension RelayConfiguration {
  /// The file with every setting at its default, explained.
  public static var defaultFile: String {
    let defaults = RelayConfiguration()
    var lines = [
      "# Settings of ocr-relay with their defaults. Everything may be left out.",
      "# Made by `ocr-relay check-config --print-default`.",
      "#",
      "# Environment variables override this file: OCR_RELAY_<SECTION>_<KEY>, for example OCR_RELAY_AMQP_PREFETCH.",
      "# A secret may stand in a file of its own: <key>_file here, or OCR_RELAY_<SECTION>_<KEY>_FILE.",
      "# Times are in seconds unless named otherwise, sizes in bytes. A key that does not exist stops the start.",
      "# A relay that runs reads this file again when it changes, and on SIGHUP. What is marked with (live) takes effect",
      "# at once, the rest with the next start.",
    ]
    for section in sections {
      lines += ["", "# \(section.documentation)", "\(section.name):"]
      for setting in settings where setting.section == section.name {
        let live = ConfigurationChange.changeable.contains(setting.key) ? " (live)" : ""
        lines += (setting.documentation + live).split(separator: "\n").map { "  # \($0)" }
        lines.append("  \(setting.name): \(setting.write(defaults))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension LoadedConfiguration {
  /// The settings in force as YAML, without secrets, each with the place it comes from unless that is the default.
  public var effectiveFile: String {
    var lines: [String] = []
    for section in RelayConfiguration.sections {
      lines.append("\(section.name):")
      for setting in RelayConfiguration.settings where setting.section == section.name {
        let origin = origins[setting.key].map { "  # \($0)" } ?? ""
        lines.append("  \(setting.name): \(setting.show(configuration))\(origin)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
