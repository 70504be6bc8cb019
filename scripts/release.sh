#!/usr/bin/env bash
# Makes a release in bin/release: for each platform a tarball with the program,
# the speech engine where there is one, the documentation and the licence; the
# bills of materials (CycloneDX) of the Go and the web part; SHA-256 sums of all.
# The tag vX.Y.Z is made when everything is there. The same commit gives the
# same tarballs.
# usage: release.sh X.Y.Z
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-}
refuse() { echo "release: $1" >&2; exit 1; }
[[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.]+)?$ ]] || refuse "say which version: make release VERSION=1.2.3"
[ -z "$(git status --porcelain)" ] || refuse "the work tree has changes that are not committed"
grep -qF "## $version" CHANGELOG.md || refuse "CHANGELOG.md has no section \"## $version\""
if git rev-parse -q --verify "refs/tags/v$version" >/dev/null && [ "$(git rev-list -n1 "v$version")" != "$(git rev-parse HEAD)" ]; then
  refuse "v$version is another commit"
fi

out=bin/release
rm -rf "$out"
mkdir -p "$out"
time=$(git log -1 --format=%ct)

pack() { # os arch
  local name="tidings-$version-$1-$2" dir
  dir="$out/$name"
  mkdir -p "$dir"
  CGO_ENABLED=0 GOOS=$1 GOARCH=$2 go build -trimpath -ldflags "-s -w -X main.version=v$version" -o "$dir/tidings" ./cmd/tidings
  cp -r LICENSE README.md CHANGELOG.md SECURITY.md docs "$dir/"
  if [ "$1-$2" = linux-amd64 ]; then
    cp -rL bin/speech "$dir/speech" # where the program looks for it: beside itself
    rm -f "$dir/speech/.ok"
  fi
  tar -C "$out" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$time" -cf - "$name" | gzip -n >"$out/$name.tar.gz"
  rm -rf "$dir"
}

pack linux amd64
pack linux arm64

bin/tools/cyclonedx-gomod app -json -licenses -main cmd/tidings -output "$out/tidings-$version-go.cdx.json" .
(cd web && npm sbom --omit dev --sbom-format cyclonedx) >"$out/tidings-$version-web.cdx.json"
(cd "$out" && sha256sum -- * >SHA256SUMS)

git rev-parse -q --verify "refs/tags/v$version" >/dev/null || git tag -a "v$version" -m "Tidings $version"
ls -l "$out"
echo "Tagged v$version. Push it with: git push origin v$version"
