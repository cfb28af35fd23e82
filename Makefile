# Martlet: build, test, install. `make` alone says what there is.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
BINARY := .build/release/martlet
PACKAGES := libpcre2-dev zlib1g-dev libzstd-dev libsqlite3-dev pkg-config
# Cases of each of the four random comparisons of engine and reference matcher in
# `make differential`: 100,000 in all.
CASES ?= 25000
# Cases with a dozen rules each.
DOZENS ?= 1000
# Runs of pipelines for each kind of crash, and of networks.
RUNS ?= 60
# Days of a week in fast forward.
DAYS ?= 2
# `yes` compares all small patterns on all short streams too, which takes long.
SMALL ?= no
# The workload whose budgets are looked at; all without it.
ONLY ?=
SEED ?= 1
# Seconds a target in `make fuzz`.
SECONDS_EACH ?= 300

.PHONY: help deps build demo live test unit differential check lint vectorscan metrics page budgets format bench fuzz golden install uninstall clean

help:
	@echo "make demo       build, and replay recorded events through the shipped rules"
	@echo "make live       build, and run rules over events that happen now; Ctrl-C ends it"
	@echo "make test       build, and run every test"
	@echo "make build      leave the release binary at $(BINARY)"
	@echo "make install    install it under PREFIX=$(PREFIX)"
	@echo "make check      formatting, imports, house rules"
	@echo "make lint       formatting and imports alone"
	@echo "make vectorscan test the build with the trait Vectorscan"
	@echo "make metrics    have promtool check the metrics"
	@echo "make page       look at the page of the admin server in Chromium"
	@echo "make bench      measure the speed workloads"
	@echo "make budgets    count allocations and instructions against fixtures/budgets"
	@echo "make fuzz       random rules, streams and bytes, for long (SECONDS_EACH=$(SECONDS_EACH))"
	@echo "make golden     write the golden files anew; review the difference"

# The C libraries that the build needs, installed where Debian's packages can be.
deps:
	@command -v $(SWIFT) >/dev/null || { echo "martlet needs Swift 6.3 (https://swift.org/install): swift was not found" >&2; exit 3; }
	@missing=""; for p in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null; then \
	  echo "installing Debian packages:$$missing"; \
	  if [ "$$(id -u)" = 0 ]; then run=""; else run=sudo; echo "(sudo may ask for your password)"; fi; \
	  $$run apt-get update -qq && $$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	elif [ -n "$$missing" ]; then \
	  echo "martlet needs pcre2, zlib, zstd and sqlite3 with their headers; install them with your package manager" >&2; fi

build: deps
	$(SWIFT) build -c release --product martlet

demo: build
	$(BINARY) replay rules fixtures/streams/*.jsonl fixtures/streams/*.zst fixtures/streams/*.csv \
	  --feed syslog=fixtures/streams/sshd.log.gz --lateness 10s --format human

live: build
	@mkdir -p .build/live
	@echo "look at http://127.0.0.1:9464/; Ctrl-C ends it" >&2
	@$(BINARY) play --loop fixtures/live/shop.jsonl | $(BINARY) run fixtures/live/martlet.yaml

test: unit differential

# Tests of connections, for which time is real, run while no other test has the machine busy.
TIMED := NetworkFeedsTests|NetworkSinksTests|AdminServerTests|BadInputTests|RunEndTests|RunAdminTests|LiveNetworkTests

# Of a crash its own thread is told: that of hundreds takes longer than all tests.
unit differential metrics page: export SWIFT_BACKTRACE := threads=crashed,color=no

unit: deps
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter '$(TIMED)'
	$(SWIFT) test --skip-build --skip '$(TIMED)'

# The engine against the reference matcher on random patterns, and on all small ones if wanted; live
# pipelines that crash against some that do not. In the build of the tests: optimised, with asserts.
differential: deps
	$(SWIFT) build --product martlet-sim
	[ '$(SMALL)' != yes ] || .build/debug/martlet-sim small
	.build/debug/martlet-sim differential $(SEED) $(CASES)
	.build/debug/martlet-sim differential $(SEED) $(CASES) --policies
	.build/debug/martlet-sim differential $(SEED) $(CASES) --chains
	.build/debug/martlet-sim windows $(SEED) $(CASES)
	.build/debug/martlet-sim differential $(SEED) $(DOZENS) 12
	.build/debug/martlet-sim live $(SEED) $(RUNS)
	.build/debug/martlet-sim network $(SEED) $(RUNS)
	.build/debug/martlet-sim week --seed $(SEED) --days $(DAYS)

check: lint
	$(SWIFT) test --filter TidyTests

lint: deps
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift
	$(SWIFT) build --explicit-target-dependency-import-check error

format:
	$(SWIFT) format --in-place --recursive --parallel Sources Tests Package.swift

# The search for many regexes in one pass, in a build with the trait for it.
vectorscan: PACKAGES += libvectorscan-dev
vectorscan: deps
	$(SWIFT) run --traits Vectorscan --scratch-path .build/vectorscan martlet-patterns

# The metrics as Prometheus reads them.
metrics: PACKAGES += prometheus
metrics: deps
	@command -v promtool >/dev/null || { echo "promtool was not found" >&2; exit 3; }
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter MetricsTests

# The page of the admin server as a browser shows it.
BROWSER ?= chromium
page: PACKAGES += chromium
page: deps
	@command -v $(BROWSER) >/dev/null || { echo "$(BROWSER) was not found" >&2; exit 3; }
	$(SWIFT) build --build-tests
	MARTLET_BROWSER=$$(command -v $(BROWSER)) $(SWIFT) test --skip-build --filter ConsolePageTests

# Allocations and instructions an event, which other programs on the machine do not change.
budgets: PACKAGES += valgrind python3
budgets: build
	$(SWIFT) build -c release --product martlet-bench
	.build/release/martlet-bench --budgets $(if $(ONLY),--only '$(ONLY)')

bench: build
	$(SWIFT) build -c release --product martlet-bench
	.build/release/martlet-bench

fuzz: deps
	$(SWIFT) build -c release --product martlet-sim
	$(SWIFT) build -c release --product martlet-fuzz
	.build/release/martlet-sim differential $$(date +%s) 2000000
	.build/release/martlet-fuzz all --seconds $(SECONDS_EACH)

golden: deps
	MARTLET_UPDATE_GOLDEN=1 $(SWIFT) test

INTO = $(DESTDIR)$(PREFIX)
install: build
	install -d $(INTO)/bin $(INTO)/lib/systemd/system $(INTO)/share/man/man1 \
	  $(INTO)/share/bash-completion/completions $(INTO)/share/zsh/site-functions \
	  $(INTO)/share/fish/vendor_completions.d $(INTO)/share/doc/martlet
	install -m 755 $(BINARY) $(INTO)/bin/martlet
	install -m 644 docs/man/martlet.1 $(INTO)/share/man/man1/
	$(BINARY) completions bash > $(INTO)/share/bash-completion/completions/martlet
	$(BINARY) completions zsh > $(INTO)/share/zsh/site-functions/_martlet
	$(BINARY) completions fish > $(INTO)/share/fish/vendor_completions.d/martlet.fish
	sed 's|/usr/local/|$(abspath $(PREFIX))/|' docs/deploy/martlet.service \
	  > $(INTO)/lib/systemd/system/martlet.service
	install -m 644 docs/deploy/martlet.yaml $(INTO)/share/doc/martlet/

uninstall:
	rm -rf $(INTO)/share/doc/martlet
	rm -f $(INTO)/bin/martlet $(INTO)/lib/systemd/system/martlet.service \
	  $(INTO)/share/man/man1/martlet.1 $(INTO)/share/bash-completion/completions/martlet \
	  $(INTO)/share/zsh/site-functions/_martlet $(INTO)/share/fish/vendor_completions.d/martlet.fish

clean:
	$(SWIFT) package clean
