# shellcheck shell=bash
# Functions that the other scripts of this folder share: processes known by pid and start time, free ports.
# A pid alone may belong to somebody else by the time it is used; together with its start time it cannot.

# start_time PID: the kernel's start time of a process (clock ticks since boot), empty when there is none.
start_time() {
  local line
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
  line=${line##*) }   # the name in parentheses may contain spaces
  # shellcheck disable=SC2086
  set -- $line
  [ "$1" != Z ] && [ "$1" != X ] && printf '%s\n' "${20}"
}

# remember PID FILE: writes "pid start-time" into the file.
remember() { printf '%s %s\n' "$1" "$(start_time "$1")" >"$2"; }

# recall FILE: prints the pid when the very process that was remembered still runs.
recall() {
  local pid started
  { read -r pid started <"$1"; } 2>/dev/null || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && printf '%s\n' "$pid"
}

# await_exit PID SECONDS: waits until the process has ended (a zombie that nobody collected yet counts as ended);
# fails when the time is over.
await_exit() {
  local until=$((SECONDS + $2))
  while start_time "$1" >/dev/null; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.05
  done
}

# stop_remembered FILE SECONDS: asks the process to end, ends it when the time is over, forgets it.
stop_remembered() {
  local pid
  if pid=$(recall "$1"); then
    kill -TERM "$pid" 2>/dev/null
    await_exit "$pid" "$2" || { kill -KILL "$pid" 2>/dev/null; await_exit "$pid" 10; }
  fi
  rm -f "$1"
}

# free_port: a loopback port nobody listens on, below the range the kernel hands out for outgoing connections,
# so that it can be used again after a restart.
free_port() {
  local port hex
  while :; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    printf -v hex ':%04X' "$port"
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "$hex " || { printf '%s\n' "$port"; return; }
  done
}

# await_line FILE TEXT PID SECONDS: waits until a line of the file contains the text and prints that line; fails when
# the process that writes the file has ended without it, or when the time is over.
await_line() {
  local until=$((SECONDS + $4)) line
  while :; do
    if line=$(grep -F -m 1 -- "$2" "$1" 2>/dev/null); then printf '%s\n' "$line"; return; fi
    if ! start_time "$3" >/dev/null || [ "$SECONDS" -ge "$until" ]; then return 1; fi
    sleep 0.05
  done
}
