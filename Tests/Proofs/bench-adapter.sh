#!/bin/sh
# Starts ocr-relay the way a harness for AMQP workers expects it: as the process that the harness started, set up by
# AMQP_URL, BENCH_QUEUE (declared by the harness), OCR_URL (with a path prefix, perhaps), OCR_PATH
# (/v2/<project>/ocr/<api>), PREFETCH and CONCURRENCY. OCR_RELAY names the program; unless set it is the one of
# `make release`, or if there is none, the one of `swift build -c release`.
set -eu
: "${AMQP_URL:?}" "${BENCH_QUEUE:?}" "${OCR_URL:?}" "${OCR_PATH:?}"
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../../.build
if [ -z "${OCR_RELAY:-}" ]; then
  OCR_RELAY=$build/deploy/ocr-relay
  [ -x "$OCR_RELAY" ] || OCR_RELAY=$build/release/ocr-relay
fi

project=${OCR_PATH#/v2/}
origin=$(printf '%s\n' "$OCR_URL" | sed -E 's|^([a-z]+://[^/]+).*|\1|')

export OCR_RELAY_AMQP_URL="$AMQP_URL" OCR_RELAY_AMQP_QUEUE="$BENCH_QUEUE" OCR_RELAY_AMQP_TOPOLOGY=off
export OCR_RELAY_AMQP_PREFETCH="${PREFETCH:-50}" OCR_RELAY_BACKEND_MAX_CONNECTIONS="${CONCURRENCY:-50}"
export OCR_RELAY_BACKEND_ENDPOINT="$OCR_URL" OCR_RELAY_BACKEND_PROJECT_ID="${project%%/*}"
export OCR_RELAY_AUTH_KIND=iam_password OCR_RELAY_AUTH_ENDPOINT="$origin"
export OCR_RELAY_AUTH_USERNAME=bench OCR_RELAY_AUTH_PASSWORD=bench OCR_RELAY_AUTH_DOMAIN_NAME=bench
export OCR_RELAY_AUTH_STORE=memory
export OCR_RELAY_RATE_START_CALLS_PER_SECOND=1000000
export OCR_RELAY_REPLIES_ALLOW='*' OCR_RELAY_LOG_LEVEL="${OCR_RELAY_LOG_LEVEL:-warning}"
exec "$OCR_RELAY" serve --config /dev/null
