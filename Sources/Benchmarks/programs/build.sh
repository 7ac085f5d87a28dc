#!/usr/bin/env bash
# build.sh FOLDER: compiles the C programs of the benchmark into that folder; does nothing when they are newer than
# their sources.
set -euo pipefail
mkdir -p "${1:?build.sh FOLDER}"
folder=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
compiler=${CC:-$(command -v cc || command -v clang)}
flags=(-O2 -g -std=gnu2x -Wall -Wextra -Werror)

# compile OUTPUT [FLAG|SOURCE]…
compile() {
  local output=$folder/$1 file
  shift
  for file in *.[ch] build.sh; do
    if [ ! -e "$output" ] || [ "$file" -nt "$output" ]; then
      "$compiler" "${flags[@]}" -o "$output" "$@"
      return
    fi
  done
}

compile ocr-stub stub.c bench.c
compile bench-load load.c load_*.c bench.c -lrabbitmq -lcurl -lpthread
compile floor-worker worker.c worker_*.c bench.c -lrabbitmq -lcurl
compile count-allocations.so -fPIC -shared counter.c -ldl
