#!/usr/bin/env bash
# ocr-relay on one machine, with a sandbox in place of the cloud:
#   demo.sh run    starts a broker, the sandbox and two relays, reads the sample documents, compares, stops everything
#   demo.sh up     starts the same and leaves it running;   demo.sh down   stops it
# Ports are free ones of the loopback interface, passwords are made up anew, everything is kept in .demo/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=docker/dev/processes.sh
. "$here/processes.sh"
cd "$root"

action=${1:-run}
case $action in
  run) state=$root/.demo/run ;;
  up | down) state=$root/.demo/up ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
relays=(relay-1 relay-2)

say() { printf '\n%s\n' "$*"; }
fail() {
  echo "demo.sh: $1" >&2
  [ -z "${2:-}" ] || tail -n 20 "$2" >&2
  exit 1
}

build() {
  local log=$state/build.log product
  echo "Building (some minutes the first time) …"
  for product in ocr-relay ocr-sandbox; do
    if [ -t 1 ]; then swift build --product "$product"; else swift build --product "$product" >"$log" 2>&1; fi ||
      fail "the build failed" "$log"
  done
  programs=$(swift build --show-bin-path)
}

# launch NAME PROGRAM ARGUMENTS…: starts a program that lives on after this script; sets $pid.
launch() {
  local name=$1
  shift
  setsid "$@" >"$state/$name.log" 2>&1 </dev/null &
  pid=$!
  remember "$pid" "$state/$name.pid"
}

start_broker() {
  echo "Starting a private RabbitMQ node …"
  amqp_url=$("$here/broker.sh" start "$state/broker" "$@") || fail "the broker did not start"
}

start_sandbox() {
  echo "Starting the sandbox, a stand-in for Huawei Cloud OCR and IAM …"
  export SANDBOX_USERNAME=demo-user SANDBOX_DOMAIN_NAME=demo-company
  SANDBOX_PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  export SANDBOX_PASSWORD
  local line
  launch sandbox "$programs/ocr-sandbox" --listen 127.0.0.1:0
  line=$(await_line "$state/sandbox.log" "listening on http" "$pid" 60) ||
    fail "the sandbox did not start" "$state/sandbox.log"
  sandbox_url=${line##* }
}

start_relays() {
  echo "Starting ${#relays[@]} relays …"
  local name
  # Settings of the caller's own relay have no place here.
  for name in "${!OCR_RELAY_@}"; do unset "$name"; done
  export OCR_RELAY_AMQP_URL=$amqp_url
  export OCR_RELAY_BACKEND_ENDPOINT=$sandbox_url OCR_RELAY_AUTH_ENDPOINT=$sandbox_url
  export OCR_RELAY_AUTH_USERNAME=$SANDBOX_USERNAME OCR_RELAY_AUTH_PASSWORD=$SANDBOX_PASSWORD
  export OCR_RELAY_AUTH_DOMAIN_NAME=$SANDBOX_DOMAIN_NAME OCR_RELAY_AUTH_STORE_FOLDER=$state/tokens
  : >"$state/empty.yaml"
  for name in "${relays[@]}"; do launch "$name" "$programs/ocr-relay" serve --config "$state/empty.yaml"; done
  await_consumers
}

# The broker knows best when the relays are ready: it counts the consumers of the work queue.
await_consumers() {
  local until=$((SECONDS + 60)) name
  until "$here/broker.sh" ctl "$state/broker" -q list_queues --no-table-headers name consumers 2>/dev/null |
    grep -qx "ocr.requests	${#relays[@]}"; do
    for name in "${relays[@]}"; do
      recall "$state/$name.pid" >/dev/null || fail "$name has ended" "$state/$name.log"
    done
    [ "$SECONDS" -lt "$until" ] || fail "the relays take no requests" "$state/${relays[0]}.log"
  done
}

draw_samples() {
  echo "Drawing sample documents …"
  /usr/bin/python3 Tests/Samples/make-samples.py "$state/samples"
}

start_all() {
  "$here/setup.sh" demo
  stop_all
  rm -rf "$state"
  umask 077
  mkdir -p "$state"
  build
  start_broker "$@"
  start_sandbox
  start_relays
  draw_samples
}

stop_all() {
  local name
  for name in "${relays[@]}" sandbox; do [ ! -e "$state/$name.pid" ] || stop_remembered "$state/$name.pid" 40; done
  [ ! -e "$state/broker" ] || "$here/broker.sh" remove "$state/broker"
}

# Reads every sample; which ones must fail is for the report to judge.
recognise() {
  local api files status
  : >"$state/answers.ndjson"
  while IFS=$'\t' read -r api files; do
    status=0
    # shellcheck disable=SC2086 # the files' names are ours and have no blanks
    (cd "$state/samples" && "$programs/ocr-relay" recognize --json --api "$api" $files) \
      >>"$state/answers.ndjson" 2>"$state/recognize.log" || status=$?
    [ "$status" -le 1 ] || fail "recognize ended with exit code $status" "$state/recognize.log"
  done < <(/usr/bin/python3 "$here/report.py" requests "$state/samples/truth.json")
}

# The broker counts the messages of a queue every few seconds only: looks until it has counted as many dead letters as
# the answers speak of.
count_queues() {
  local until=$((SECONDS + 20)) expected
  expected=$(grep -c '"dead_letter":"' "$state/answers.ndjson" || true)
  while :; do
    "$here/broker.sh" ctl "$state/broker" -q list_queues --no-table-headers name messages >"$state/queues.tsv"
    [ "$(awk '/^ocr\.dead\./ { sum += $2 } END { print sum + 0 }' "$state/queues.tsv")" -lt "$expected" ] || return 0
    [ "$SECONDS" -lt "$until" ] || return 0
  done
}

run() {
  trap 'stop_all; exit 130' INT TERM HUP
  trap stop_all EXIT
  start_all
  say "Sending the documents with \`ocr-relay recognize\` …"
  recognise
  count_queues
  local verdict=0
  /usr/bin/python3 "$here/report.py" compare "$state/samples/truth.json" "$state/answers.ndjson" "$state/queues.tsv" ||
    verdict=$?
  say "The quota invoice as a person sees it: ocr-relay recognize --api quota-invoice quota-invoice.png"
  "$programs/ocr-relay" recognize --api quota-invoice "$state/samples/quota-invoice.png"
  say "Stopping everything …"
  exit "$verdict"
}

up() {
  trap 'stop_all; exit 130' INT TERM HUP
  trap 'status=$?; [ "$status" = 0 ] || stop_all' EXIT
  start_all --management
  {
    echo "export OCR_RELAY_AMQP_URL='$amqp_url'"
    echo "export PATH='$programs':\"\$PATH\""
  } >"$state/env"
  cat <<TEXT

It runs. To try it:

  source .demo/up/env
  ocr-relay recognize .demo/up/samples/letter.png
  ocr-relay recognize --api quota-invoice .demo/up/samples/quota-invoice.png
  ocr-relay recognize --api vat-invoice --json .demo/up/samples/vat-invoice.png

Broker   $amqp_url  (page: $("$here/broker.sh" url "$state/broker" --management), guest, guest)
Sandbox  $sandbox_url  (calls: $sandbox_url/sandbox/ledger/summary)
Logs     .demo/up/*.log

\`make down\` stops it.
TEXT
}

case $action in
  run) run ;;
  up) up ;;
  down) stop_all ;;
esac
