#!/usr/bin/env bash
# limiter.sh PROGRAM: runs the benchmark of the limiter beside a Redis of its own.
set -euo pipefail
folder=$(mktemp -d)
port=$((20000 + RANDOM % 12000))
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >"$folder/log" &
redis=$!
trap 'kill "$redis"; wait "$redis" || true; rm -rf "$folder"' EXIT
until redis-cli -p "$port" ping >/dev/null 2>&1; do
  kill -0 "$redis" || { cat "$folder/log" >&2; exit 1; }
done
"$1" "redis://127.0.0.1:$port"
