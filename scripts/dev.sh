#!/usr/bin/env bash
# Runs the server, built again whenever a Go, SQL or OpenAPI file changes, and
# Vite beside it, which replaces changed modules in the open page. Ctrl-C ends
# both. usage: DATA=DIR dev.sh
set -euo pipefail
cd "$(dirname "$0")/.."

data=${DATA:-data}
go_files() { git ls-files --cached --others --exclude-standard '*.go' '*.sql' '*.html' 'api/openapi.yaml'; }

# entr ends with status 2 when a file appears in or leaves a watched folder:
# then the list is read anew.
watch_server() {
  while true; do
    status=0
    go_files | entr -ndr sh -c 'go build -o bin/tidings-dev ./cmd/tidings && exec bin/tidings-dev serve --listen localhost:8080 --data "$1"' sh "$data" || status=$?
    [ "$status" -eq 2 ] || exit "$status"
  done
}

set -m # each job is a process group, so that its children end with it
watch_server &
server=$!
(cd web && TIDINGS_URL=http://localhost:8080 exec npm run dev -- --host localhost --port 5173 --strictPort) &
pages=$!

end_jobs() {
  trap - EXIT
  kill -- "-$server" "-$pages" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap end_jobs EXIT
trap 'exit 0' INT TERM

echo "Open http://localhost:5173 once the server has started."
wait -n "$server" "$pages"
