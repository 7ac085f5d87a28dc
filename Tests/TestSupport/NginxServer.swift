import Foundation

/// An nginx of its own on free loopback ports: a real HTTP server with TLS and Lua for tests of HTTP clients.
public final class NginxServer: Sendable {
  /// What a configuration may refer to.
  public struct Places: Sendable {
    /// A free port for plain HTTP.
    public let port: Int
    /// A free port for TLS.
    public let tlsPort: Int
    /// Certificates for the TLS port.
    public let certificates: Certificates
    /// A folder for files that it serves or writes.
    public let folder: String
  }

  /// Ports, certificates and folder.
  public let places: Places
  private let process: ChildProcess
  private let directory: TemporaryDirectory

  private init(places: Places, process: ChildProcess, directory: TemporaryDirectory) {
    self.places = places
    self.process = process
    self.directory = directory
  }

  deinit { process.send(signal: SIGKILL) }

  /// Base address of the plain port.
  public var url: String { "http://127.0.0.1:\(places.port)" }

  /// Base address of the TLS port.
  public var tlsURL: String { "https://localhost:\(places.tlsPort)" }

  /// Everything it has logged.
  public var log: String { process.errors }

  /// Starts it and waits until it listens.
  ///
  /// - Parameter servers: the content of the `http` block: `server` blocks and what they need. Listen on
  ///   `127.0.0.1:\(places.port)`; certificates are in `places.certificates`. Lua is loaded.
  public static func start(_ servers: (Places) -> String) async throws -> NginxServer {
    let directory = try TemporaryDirectory()
    let certificates = try await Certificates.make(in: directory.path("tls"))
    let places = Places(
      port: FreePort.choose(), tlsPort: FreePort.choose(), certificates: certificates, folder: directory.path)
    let file = try directory.write(configuration(directory.path, servers(places)), to: "nginx.conf")
    let process = try await ChildProcess.start("/usr/sbin/nginx", ["-p", directory.path, "-c", file, "-e", "stderr"])
    // Logged once the sockets are open and the first process is about to serve them.
    try await process.waitForLine(containing: "using the \"epoll\" event method")
    return NginxServer(places: places, process: process, directory: directory)
  }

  /// Stops it at once, open connections included.
  public func stop() async { await process.kill() }

  /// One process only: no master whose workers could outlive it, no change of user.
  private static func configuration(_ folder: String, _ servers: String) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "  \($0)_temp_path \(folder)/temp;" }.joined(separator: "\n")
    return """
      load_module /usr/lib/nginx/modules/ndk_http_module.so;
      load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
      daemon off;
      master_process off;
      pid \(folder)/nginx.pid;
      error_log stderr notice;
      events { worker_connections 1024; }
      http {
        access_log off;
      \(temporary)
      \(servers)
      }

      """
  }
}
