#!/usr/bin/env bash
# Certificates for tests and local use: certificates.sh FOLDER
#   ca.pem                        the authority
#   server.pem, server.key        for localhost, 127.0.0.1 and ::1
#   wrong-host.pem, .key          of the same authority, for another name
#   expired.pem, .key             of the same authority, no longer valid
#   client.pem, client.key        for mutual TLS
#   other-ca.pem                  an authority that signed none of them
# The keys protect nothing but this machine's own tests; they are made anew in each folder and are valid for 30 days.
set -euo pipefail
folder=${1:?usage: certificates.sh FOLDER}
command -v openssl >/dev/null || { echo "certificates.sh: openssl is missing: apt-get install openssl" >&2; exit 1; }
umask 077
mkdir -p "$folder"
cd "$folder"
[ -s ca.pem ] && [ -s expired.pem ] && exit 0

quiet() { local log; log=$("$@" 2>&1) || { printf '%s\n' "$log" >&2; exit 1; }; }

authority() { # NAME COMMON-NAME
  quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 30 \
    -subj "/CN=$2" -keyout "$1.key" -out "$1.pem"
}

signed() { # NAME COMMON-NAME EXTENSIONS [days-or-dates…]
  local name=$1 subject=$2 extensions=$3
  shift 3
  quiet openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 \
    -subj "/CN=$subject" -keyout "$name.key" -out "$name.csr"
  printf '%b\n' "$extensions" >"$name.ext"
  quiet openssl x509 -req -sha256 -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
    -extfile "$name.ext" -out "$name.pem" "$@"
  rm -f "$name.csr" "$name.ext"
}

authority ca "ocr-relay local authority"
authority other-ca "another authority"
signed server localhost \
  "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth" -days 30
signed wrong-host elsewhere.invalid \
  "subjectAltName=DNS:elsewhere.invalid\nextendedKeyUsage=serverAuth" -days 30
signed client ocr-relay "extendedKeyUsage=clientAuth" -days 30
# `openssl x509 -days 0` ends at the second of its making: expired as soon as it is used.
signed expired localhost "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth" -days 0
chmod 644 ./*.pem
