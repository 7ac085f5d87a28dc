#!/usr/bin/env bash
# build.sh: builds ocr-relay and ocr-relay-console for deployment: stripped programs that need no Swift on the machine;
# ocr-relay keeps fewer pages in memory than `swift build -c release` makes it. Into RELEASE_FOLDER (.build/deploy unless
# set), so that other builds stay as they are. What differs:
#   - the Swift runtime and the C++ library are part of the program, so only what is used of them is loaded;
#   - each function has a section of its own, and those of functions.order, which are executed from the start until the
#     service runs steadily, lie side by side; so do the protocol conformances
#     and the tables of tables.order, which the Swift runtime reads through.
#   - nothing looks for overlapping accesses to memory while it runs (130 calls a message): the tests do, in debug builds.
# A name in a list that is no longer there does no harm, a missing one costs a little memory. `make order` renews
# functions.order; it sets RELEASE_MAP, a file for the linker's map of ocr-relay.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=${RELEASE_FOLDER:-$root/.build/deploy}
"$root/docker/dev/setup.sh" build
mkdir -p "$folder/static"
folder=$(cd "$folder" && pwd)

fail() { echo "build.sh: $*" >&2; exit 1; }

# A folder with nothing but the static variants, searched first: the linker takes what it finds.
link_static() {
  local library=$1 name=$2 found
  found=$("$(dirname "$(readlink -f "$(command -v swift)")")/clang" -print-file-name="$library")
  [ -e "$found" ] || fail "$library is missing; it comes with the C++ compiler that Swift needs (libstdc++-dev)"
  ln -sf "$found" "$folder/static/$name"
}
link_static libstdc++.a libstdc++.a
link_static libgcc_eh.a libgcc_s.a

# build ORDER PRODUCT [OPTION...]
build() {
  local order=$1 product=$2
  shift 2
  swift build -c release --product "$product" --package-path "$root" --scratch-path "$folder" --static-swift-stdlib \
    -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -enforce-exclusivity=unchecked -Xlinker "-L$folder/static" \
    -Xlinker --symbol-ordering-file="$folder/$order.order" -Xlinker --no-warn-symbol-ordering "$@"
}

# The protocol conformances come from the compiler, so a first link tells them; they stay in the order it puts them.
cp "$here/functions.order" "$folder/first.order"
build first ocr-relay
programs=$(swift build -c release --package-path "$root" --scratch-path "$folder" --show-bin-path)
program=$programs/ocr-relay
{
  cat "$here/functions.order"
  nm -n --defined-only "$program" | awk '$3 ~ /^\$[sS].*Mc$/ { print $3 }'
  cat "$here/tables.order"
} | awk '!seen[$0]++' >"$folder/final.order"
build final ocr-relay ${RELEASE_MAP:+-Xlinker "-Map=$RELEASE_MAP"}
# The console takes no part in the order: it is not the program of which there are many.
build final ocr-relay-console
for name in ocr-relay ocr-relay-console; do
  strip -o "$folder/$name" "$programs/$name"
  echo "$folder/$name"
done
