#!/usr/bin/env bash
# A private RabbitMQ node: its own data, ports, Erlang cookie and port mapper, on the loopback interface only.
# It never touches a RabbitMQ that runs on this machine; any number of such nodes run side by side.
#
#   broker.sh start FOLDER [--tls | --mutual-tls] [--management] [--owner PID]
#                             starts the node and prints its AMQP URL; a second start keeps ports and data
#   broker.sh stop FOLDER     stops it in order; the data stays
#   broker.sh kill FOLDER     ends it at once (SIGKILL); the data stays
#   broker.sh remove FOLDER   stops it and deletes the folder
#   broker.sh status FOLDER   "running PID" or "stopped" (exit code 1)
#   broker.sh url FOLDER      prints the AMQP URL;  --tls: the amqps URL;  --management: the web page;
#                             --metrics: what Prometheus reads (with --management)
#   broker.sh ctl FOLDER …    rabbitmqctl for this node
#
# --owner PID: when that process is gone, the node is ended and the folder deleted.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=docker/dev/processes.sh
. "$here/processes.sh"

fail() { echo "broker.sh: $*" >&2; exit 1; }
usage() { sed -n '5,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

action=${1:-}
[ $# -ge 2 ] || usage
case $2 in /*) state=$2 ;; *) state=$PWD/$2 ;; esac
shift 2

find_programs() {
  local folder
  for folder in /usr/lib/rabbitmq/bin /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin; do
    # The wrapper in /usr/sbin insists on the rabbitmq user; these scripts run as anybody.
    [ -x "$folder/rabbitmq-server" ] && { bin=$folder; return; }
  done
  fail "RabbitMQ is not installed: docker/dev/setup.sh demo"
}

# Reads or chooses the ports; they stay the same as long as the folder exists.
load_ports() {
  if [ ! -s "$state/ports" ]; then
    local names=(amqp amqps management metrics distribution mapper) name
    for name in "${names[@]}"; do printf '%s_port=%s\n' "$name" "$(free_port)"; done >"$state/ports"
  fi
  # shellcheck disable=SC1091
  . "$state/ports"
}

export_environment() {
  local name
  for name in "${!RABBITMQ_@}" "${!ERL_@}"; do unset "$name"; done
  export HOME=$state                                # the cookie lives in $HOME/.erlang.cookie
  export RABBITMQ_NODENAME=private@localhost        # independent of this machine's name
  export RABBITMQ_MNESIA_BASE=$state/data RABBITMQ_LOG_BASE=$state/log RABBITMQ_SCHEMA_DIR=$state/schema
  export RABBITMQ_ENABLED_PLUGINS_FILE=$state/enabled_plugins
  export RABBITMQ_CONFIG_FILE=$state/rabbitmq.conf RABBITMQ_CONF_ENV_FILE=$state/rabbitmq-env.conf
  export RABBITMQ_ADVANCED_CONFIG_FILE=$state/advanced.config
  export RABBITMQ_DIST_PORT=$distribution_port
  export ERL_EPMD_PORT=$mapper_port ERL_EPMD_ADDRESS=127.0.0.1
  # Without a shell between, the pid we start is the node's own; `-noinput` is what that choice leaves out.
  export RABBITMQ_ALLOW_INPUT=1
  # No busy waiting: a node of a developer's machine should not warm idle cores.
  export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-noinput +sbwt none +sbwtdcpu none +sbwtdio none \
-kernel inet_dist_use_interface {127,0,0,1}"
}

write_configuration() {
  local plugins=
  : >"$state/rabbitmq-env.conf"
  echo '[].' >"$state/advanced.config"
  cat >"$state/rabbitmq.conf" <<CONF
listeners.tcp.local = 127.0.0.1:$amqp_port
disk_free_limit.absolute = 50MB
log.console = false
log.file.level = warning
CONF
  if [ "$tls" != off ]; then
    "$here/certificates.sh" "$state/tls" || fail "no certificates"
    local verify=verify_none required=false
    [ "$tls" = mutual ] && verify=verify_peer required=true
    cat >>"$state/rabbitmq.conf" <<CONF
listeners.ssl.local = 127.0.0.1:$amqps_port
ssl_options.cacertfile = $state/tls/ca.pem
ssl_options.certfile = $state/tls/server.pem
ssl_options.keyfile = $state/tls/server.key
ssl_options.verify = $verify
ssl_options.fail_if_no_peer_cert = $required
CONF
  fi
  if [ "$management" = on ]; then
    plugins=rabbitmq_management,rabbitmq_prometheus
    printf '%s.tcp.ip = 127.0.0.1\n%s.tcp.port = %s\n' management management "$management_port" \
      prometheus prometheus "$metrics_port" >>"$state/rabbitmq.conf"
  fi
  echo "[$plugins]." >"$state/enabled_plugins"
}

start_mapper() {
  recall "$state/mapper.pid" >/dev/null && return
  local epmd
  epmd=$(command -v epmd) || fail "epmd of Erlang is missing: docker/dev/setup.sh demo"
  setsid "$epmd" -port "$mapper_port" -address 127.0.0.1 >"$state/mapper.log" 2>&1 </dev/null &
  remember $! "$state/mapper.pid"
}

start_node() {
  ulimit -n 65536 2>/dev/null || true
  : >"$state/startup.log"
  setsid "$bin/rabbitmq-server" >"$state/startup.log" 2>&1 </dev/null &
  node=$!
  remember "$node" "$state/node.pid"
}

# The node prints "completed with N plugins" once its listeners accept connections.
await_start() {
  local line tail_pid ready=1
  exec 3< <(exec tail -n +1 -s 0.1 --pid="$node" -f "$state/startup.log" 2>/dev/null)
  tail_pid=$!
  while IFS= read -r -t 120 -u 3 line; do
    case $line in *"completed with "*) ready=0; break ;; esac
  done
  kill "$tail_pid" 2>/dev/null
  exec 3<&-
  return $ready
}

start_watch() {
  [ -n "$owner" ] || return
  recall "$state/watch.pid" >/dev/null && return
  setsid bash "${BASH_SOURCE[0]}" watch "$state" "$owner" >/dev/null 2>&1 </dev/null &
  remember $! "$state/watch.pid"
}

end_at_once() {
  local file pid
  for file in "$@"; do
    if pid=$(recall "$file"); then
      kill -KILL "$pid" 2>/dev/null
      await_exit "$pid" 10
    fi
    rm -f "$file"
  done
}

stop_all() {
  stop_remembered "$state/node.pid" 60
  stop_remembered "$state/mapper.pid" 5
}

url() {
  load_ports
  case ${1:-} in
    --tls) echo "amqps://guest:guest@localhost:$amqps_port" ;;
    --management) echo "http://127.0.0.1:$management_port/" ;;
    --metrics) echo "http://127.0.0.1:$metrics_port/metrics/per-object" ;;
    *) echo "amqp://guest:guest@127.0.0.1:$amqp_port" ;;
  esac
}

start() {
  tls=off management=off owner=
  while [ $# -gt 0 ]; do
    case $1 in
      --tls) tls=on ;;
      --mutual-tls) tls=mutual ;;
      --management) management=on ;;
      --owner) owner=${2:?--owner needs a pid}; shift ;;
      *) usage ;;
    esac
    shift
  done
  find_programs
  umask 077
  mkdir -p "$state" || fail "cannot make the folder $state"
  if ! recall "$state/node.pid" >/dev/null; then
    local attempt kept=yes
    [ -s "$state/ports" ] || kept=no
    for attempt in 1 2 3; do
      load_ports; export_environment; write_configuration; start_watch; start_mapper; start_node
      await_start && break
      end_at_once "$state/node.pid" "$state/mapper.pid"
      # Another process may have taken a port between our look and the node's start: choose again, once or twice.
      if [ "$kept" = no ] && [ "$attempt" -lt 3 ] && grep -q eaddrinuse "$state/startup.log" "$state"/log/*.log; then
        rm -rf "$state/ports" "$state/data"
        continue
      fi
      tail -n 20 "$state/startup.log" >&2
      fail "the node did not start; its logs are in $state"
    done
  fi
  url
}

case $action in
  start) start "$@" ;;
  stop) stop_all ;;
  kill) end_at_once "$state/node.pid" ;;
  remove)
    end_at_once "$state/watch.pid"
    stop_all
    # Only a folder that this script made is deleted.
    [ ! -e "$state" ] || { [ -s "$state/ports" ] && rm -rf "$state"; } || fail "$state is not a folder of this script" ;;
  status) if pid=$(recall "$state/node.pid"); then echo "running $pid"; else echo stopped; exit 1; fi ;;
  url) [ -s "$state/ports" ] || fail "there is no broker in $state"; url "$@" ;;
  ctl)
    [ -s "$state/ports" ] || fail "there is no broker in $state"
    find_programs; load_ports; export_environment
    exec "$bin/rabbitmqctl" "$@" ;;
  watch)
    tail --pid="$1" -s 0.5 -f /dev/null
    end_at_once "$state/node.pid" "$state/mapper.pid"
    [ -s "$state/ports" ] && rm -rf "$state" ;;
  *) usage ;;
esac
