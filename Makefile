# A thin front for people; the build itself is Meson's (meson setup, compile, test, install).
#
#   make            build into build/
#   make try        install what is missing, build, show the main job on this kernel
#   make check      install what is missing, build, run all tests
#   make install    DESTDIR= PREFIX=/usr/local
# More: make help

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
MESON   ?= meson
FUZZ_SECONDS ?= 60
SUDO    := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: all deps try check check-clang check-sanitizers check-valgrind check-kernel fuzz check-format format \
	bench bench-peers bench-plot soak \
	install uninstall dist clean help

all: $(BUILD)/build.ninja
	$(MESON) compile -C $(BUILD)

$(BUILD)/build.ninja:
	$(MESON) setup --native-file build-dev.ini --prefix $(PREFIX) $(BUILD)

deps:
	@scripts/install-deps

try: deps
	@$(MAKE) --no-print-directory all >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	@$(SUDO) scripts/try $(BUILD)

check: deps all
	@scripts/check $(BUILD)

check-clang: deps
	@CC=clang CXX=clang++ scripts/check $(BUILD)-clang

check-sanitizers: deps
	@CHECK_SUITES="programs tool" scripts/check $(BUILD)-asan -Db_sanitize=address,undefined
	@CHECK_SUITES="programs tool" scripts/check $(BUILD)-tsan -Db_sanitize=thread

check-valgrind: deps all
	@scripts/check-valgrind $(BUILD) $(PROGRAMS)

check-kernel: deps all
	@scripts/check-kernel $(BUILD) $(KERNELS)

fuzz: deps
	@scripts/fuzz $(BUILD)-fuzz $(FUZZ_SECONDS)

check-format:
	@clang-format --dry-run --Werror $(FORMATTED)

format:
	@clang-format -i $(FORMATTED)

# PEERS=1 installs those that it is compared with; PARTS= is what to measure: bench/bench.c
bench: deps all bench-peers
	@$(SUDO) $(BUILD)/bench/bench --json $(BUILD)/bench.json $(PARTS)
	@[ -n "$(PARTS)" ] || $(SUDO) bench/map.sh $(BUILD)

bench-peers: all
	@[ "$(PEERS)" != 1 ] || scripts/install-deps peers
	@bench/peers/build $(BUILD)/bench/peers

bench-plot: deps all bench-peers
	@scripts/install-deps plot
	@$(SUDO) $(BUILD)/bench/bench --json $(BUILD)/scale.json scale
	@bench/plot $(BUILD)/scale.json doc/scaling

soak: deps all
	@$(SUDO) $(BUILD)/tests/soak

install: all
	$(MESON) configure --prefix $(PREFIX) $(BUILD)
	DESTDIR=$(DESTDIR) $(MESON) install -C $(BUILD)

uninstall:
	DESTDIR=$(DESTDIR) scripts/uninstall $(BUILD)

dist: all
	$(MESON) dist -C $(BUILD) --no-tests --formats xztar

clean:
	rm -rf $(BUILD) $(BUILD)-*

help:
	@sed -n '/^# /s/^# //p' Makefile
	@echo "  make check-clang, check-sanitizers, check-valgrind, check-kernel, fuzz, soak, bench, bench-plot"
	@echo "  make check-format, format, uninstall, dist, clean"

FORMATTED = $(shell git ls-files '*.c' '*.h' '*.cc')
