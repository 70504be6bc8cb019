#!/usr/bin/env bash
# Installs the Debian packages of the programs named, unless these are there already.
# usage: need.sh NAME...   (a program or, for what has none, a package; gcc brings
# the C library's headers, which the race detector is built with). Servers are
# installed as programs for tests to start; as services they stay off.
set -euo pipefail
PATH=$PATH:/usr/sbin:$(printf '%s:' /usr/lib/postgresql/*/bin) # where Debian puts servers

# Two targets of make may need packages at once, and dpkg serves one.
if [ -z "${NEED_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
  NEED_LOCKED=yes exec flock --close "$0" "$0" "$@"
fi

# package_of prints the package that has a program: mostly the one of its name.
package_of() {
  case $1 in
    WebKitWebDriver) echo webkit2gtk-driver ;;
    Xvfb) echo xvfb ;;
    pip3) echo python3-pip ;;
    postgres) echo postgresql ;;
    *) echo "$1" ;;
  esac
}

is_installed() {
  command -v "$1" >/dev/null 2>&1 || [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = 'install ok installed' ]
}

missing=()
for name in "$@"; do
  is_installed "$name" || missing+=("$(package_of "$name")")
done
[ ${#missing[@]} -eq 0 ] && exit 0
[[ " ${missing[*]} " == *" gcc "* ]] && missing+=(libc6-dev)

if ! command -v apt-get >/dev/null 2>&1; then
  echo "Tidings needs ${missing[*]}. Please install it with your system's package manager and try again." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Tidings needs ${missing[*]}. Please run:  sudo $0 $*" >&2
  exit 1
fi
echo "Installing ${missing[*]} from Debian …"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null

services=()
for program in "${missing[@]}"; do
  [[ " nginx caddy haproxy postgresql " == *" $program "* ]] && services+=("$program")
done
if [ ${#services[@]} -gt 0 ] && [ ! -e /usr/sbin/policy-rc.d ]; then # it decides whether packages may start their services
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi

# A package that would displace one of this machine (PulseAudio on one with PipeWire) is a matter for its owner.
apt-get install -y -q --no-install-recommends --no-remove "${missing[@]}" >/dev/null
for service in "${services[@]}"; do # nor after the next start of the machine
  systemctl disable "$service" >/dev/null 2>&1 || update-rc.d "$service" disable >/dev/null 2>&1 || true
done
