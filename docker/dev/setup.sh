#!/usr/bin/env bash
# Installs the system packages that are missing: setup.sh [build] [demo] [test] [browser]
#   build   libraries to compile against        (the default)
#   demo    build, and a broker, Tesseract with its languages, what draws the samples
#   test    demo, and nginx, Redis and Python for the tests
#   browser Chromium, for the proof of the console
# Debian and Ubuntu; as root or with sudo. With nothing to do it is silent. The services that come with the packages
# (RabbitMQ, nginx, Redis) are neither started nor enabled; services that already run are left alone.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

build_packages=(pkg-config librabbitmq-dev libcurl4-openssl-dev libssl-dev libtesseract-dev libleptonica-dev
  libyaml-dev libhiredis-dev)
demo_packages=(rabbitmq-server openssl tesseract-ocr tesseract-ocr-eng tesseract-ocr-chi-sim
  python3 python3-pil python3-numpy fonts-noto-cjk fonts-dejavu-core)
test_packages=(nginx libnginx-mod-http-lua redis-server python3-venv procps)
browser_packages=(chromium)
services=(rabbitmq-server nginx redis-server epmd)

fail() { echo "setup.sh: $*" >&2; exit 1; }

needed=()
for set in "${@:-build}"; do
  case $set in
    build) needed+=("${build_packages[@]}") ;;
    demo) needed+=("${build_packages[@]}" "${demo_packages[@]}") ;;
    test) needed+=("${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}") ;;
    browser) needed+=("${browser_packages[@]}") ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done

check_swift() {
  local wanted found
  wanted=$(sed -n '1s/.*swift-tools-version:[ ]*\([0-9.]*\).*/\1/p' "$here/../../Package.swift")
  command -v swift >/dev/null ||
    fail "Swift $wanted or newer is missing; install it from https://www.swift.org/install/linux/ and try again"
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
  [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
    fail "Swift $found is too old, $wanted or newer is needed; see https://www.swift.org/install/linux/"
}

find_missing() {
  local installed package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${needed[@]}" 2>/dev/null || true)
  for package in "${needed[@]}"; do
    grep -qx "installed $package" <<<"$installed" || echo "$package"
  done | sort -u
}

find_root() {
  as_root=()
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null || fail "neither root nor sudo; ask an administrator for: apt-get install ${missing[*]}"
  as_root=(sudo)
}

# Packages may not start the services they bring: Debian asks /usr/sbin/policy-rc.d before it starts one. Ours answers
# "no" for those services and hands every other question on to the file that was there before.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  allow_services
  local previous=
  if "${as_root[@]}" test -e "$policy"; then
    "${as_root[@]}" mv "$policy" "$policy.before-ocr-relay"
    previous="[ -x $policy.before-ocr-relay ] && exec $policy.before-ocr-relay \"\$@\""
  fi
  printf '%s\n' '#!/bin/sh' '# Made by docker/dev/setup.sh of ocr-relay for the time of one installation.' \
    "case \"$fresh_services \" in *\" \${1%.service} \"*) exit 101 ;; esac" "$previous" 'exit 0' |
    "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
}

# Puts back what was there, also after a run that was killed half-way.
allow_services() {
  if "${as_root[@]}" grep -qs 'docker/dev/setup.sh of ocr-relay' "$policy"; then "${as_root[@]}" rm -f "$policy"; fi
  if "${as_root[@]}" test -e "$policy.before-ocr-relay"; then
    "${as_root[@]}" mv -f "$policy.before-ocr-relay" "$policy"
  fi
}

# The services that are not there before this run; only these are ours to hold back.
find_fresh_services() {
  fresh_services=
  local service
  for service in "${services[@]}"; do
    [ -e "/etc/init.d/$service" ] || [ -e "/lib/systemd/system/$service.service" ] || fresh_services+=" $service"
  done
}

# A package enables its service for the next boot of a machine with systemd; nobody asked for that here.
disable_new_services() {
  [ -d /run/systemd/system ] || return 0
  local service unit
  for service in $fresh_services; do
    for unit in "$service.service" "$service.socket"; do
      if [ -e "/lib/systemd/system/$unit" ]; then "${as_root[@]}" systemctl disable -q "$unit"; fi
    done
  done
}

install_missing() {
  echo "Installing: ${missing[*]}"
  find_root
  log=$(mktemp)   # global: the trap below outlives this function
  find_fresh_services
  trap 'allow_services; rm -f "$log"' EXIT
  trap 'exit 130' INT TERM HUP
  forbid_services
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update >"$log" 2>&1 || echo "setup.sh: the package lists could not be renewed; trying with those at hand" >&2
  if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "the installation failed; try it yourself: apt-get install ${missing[*]}"
  fi
  disable_new_services
}

check_swift
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  fail "this is neither Debian nor Ubuntu; install what these Debian packages hold: ${needed[*]}"
mapfile -t missing < <(find_missing)
[ ${#missing[@]} -eq 0 ] || install_missing
