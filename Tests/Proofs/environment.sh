#!/usr/bin/env bash
# environment.sh PROGRAM ARGUMENTS…: runs one of the Python programs here with the AMQP clients that it needs.
# They are installed once, in the versions of requirements.txt, into PROOFS_FOLDER (.build/proofs unless set).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${PROOFS_FOLDER:-$here/../../.build/proofs}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# Two at once would spoil each other's installation.
exec 9>"$folder/lock"
flock 9
if ! cmp -s "$here/requirements.txt" "$folder/installed.txt"; then
  rm -rf "$folder/python"
  /usr/bin/env python3 -m venv "$folder/python"
  "$folder/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$folder/installed.txt"
fi
exec 9>&-

program=$1
shift
exec "$folder/python/bin/python" "$here/$program" "$@"
