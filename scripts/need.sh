#!/usr/bin/env bash
# Installs the Debian packages named, unless their programs are there already.
# usage: need.sh PROGRAM...   (the package has the program's name; gcc brings
# the C library's headers, which the race detector is built with)
set -euo pipefail

missing=()
for program in "$@"; do
  command -v "$program" >/dev/null 2>&1 || missing+=("$program")
done
[ ${#missing[@]} -eq 0 ] && exit 0
[[ " ${missing[*]} " == *" gcc "* ]] && missing+=(libc6-dev)

if ! command -v apt-get >/dev/null 2>&1; then
  echo "Tidings needs ${missing[*]}. Please install it with your system's package manager and try again." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Tidings needs ${missing[*]}. Please run:  sudo apt-get install -y ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]} from Debian …"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
