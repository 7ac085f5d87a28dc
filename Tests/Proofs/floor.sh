#!/usr/bin/env bash
# Compares the relay with the least that such a service can cost, in the same run:
#   HARNESS=/path/to/bench.py floor.sh [-s 1k,200k,10m] [-r 3] …
# The harness starts services by the contract of bench-adapter.sh and prints ratios of CPU time and memory.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${HARNESS:?names a harness with the command: compare SERVICE floor}"
reports=$here/../../.reports
mkdir -p "$reports"
[ $# -gt 0 ] || set -- -s 1k,200k,10m -r 3
"$HARNESS" compare "$here/bench-adapter.sh" floor "$@" | tee "$reports/floor.txt"
