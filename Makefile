# opspush: one Makefile, no generators. `make help` lists the targets.

BUILD  ?= build
PREFIX ?= /usr/local
CC     ?= cc
VERSION := 0.1.0

# ---------------------------------------------------------------- the rooms, and what each may use
# One table: it orders the link of every unit test (a forbidden call does not link) and feeds the include check.
ROOMS        := base json profile export mapping plan push state report job cli
uses_base    :=
uses_json    := base
uses_profile := json base
uses_export  := base
uses_mapping := export profile json base
uses_plan    := mapping profile json base
uses_push    := plan json base
uses_state   := plan profile json base
uses_report  := push plan export profile json base
uses_job     := report state push plan mapping export profile json base
uses_cli     := job report state push plan mapping export profile json base
uses_sandbox := profile json base

libs_base     = $(shell pkg-config --libs libsodium libutf8proc 2>/dev/null)
libs_json     = $(shell pkg-config --libs libcjson 2>/dev/null)
libs_export  := -lcsv
libs_push     = $(shell pkg-config --libs libcurl 2>/dev/null)
libs_state    = $(shell pkg-config --libs sqlite3 2>/dev/null)
libs_sandbox  = $(shell pkg-config --libs libmicrohttpd 2>/dev/null)

# (asked when something is linked, not when this file is read: the packages may only just have been installed)

# ---------------------------------------------------------------- how
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 \
        -Wvla -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wswitch-enum -Wold-style-definition
WERROR   ?=
OPTIMISE ?= -O2 -g
HARDEN   ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
SANITIZE ?=
CFLAGS   ?=
CPPFLAGS ?=
LDFLAGS  ?= -pie -Wl,-z,relro,-z,now
ALL_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DOPSPUSH_VERSION='"$(VERSION)"' -Iinclude \
              $(WARN) $(WERROR) $(OPTIMISE) $(HARDEN) $(SANITIZE) $(CPPFLAGS) $(CFLAGS) -MMD -MP

closure = $(1) $(uses_$(1))
room_libs = $(foreach r,$(1),$(libs_$(r)))
archives = $(patsubst %,$(BUILD)/lib/%.a,$(1))

.PHONY: all
all: $(BUILD)/opspush $(BUILD)/opspush-sandbox

$(BUILD)/obj/%.o: %.c | $(BUILD)/deps.done
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

define room_rules
sources_$(1) := $$(filter-out src/$(1)/main.c,$$(wildcard src/$(1)/*.c))
$(BUILD)/lib/$(1).a: $$(patsubst %.c,$(BUILD)/obj/%.o,$$(sources_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS) sandbox,$(eval $(call room_rules,$(r))))

$(BUILD)/opspush: $(BUILD)/obj/src/cli/main.o $(call archives,$(call closure,cli))
	@echo '  link $@'
	@$(CC) $(OPTIMISE) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(call room_libs,$(call closure,cli)) -lm
$(BUILD)/opspush-sandbox: $(BUILD)/obj/src/sandbox/main.o $(call archives,$(call closure,sandbox))
	@echo '  link $@'
	@$(CC) $(OPTIMISE) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(call room_libs,$(call closure,sandbox)) -lm -lpthread

# ---------------------------------------------------------------- unit tests: tests/unit/ROOM/MODULE.c
unit_sources  := $(wildcard tests/unit/*/*.c)
unit_programs := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(unit_sources))
define unit_rules
$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $(call archives,$(call closure,$(1))) tests/unit/unit.h | $(BUILD)/deps-check.done
	@mkdir -p $$(@D)
	@echo '  test $$<'
	@$(CC) $(ALL_CFLAGS) -Itests/unit $(LDFLAGS) -o $$@ $$< $(call archives,$(call closure,$(1))) \
	    $$(shell pkg-config --cflags --libs check) $$(call room_libs,$(call closure,$(1))) -lm
endef
$(foreach r,$(ROOMS) sandbox,$(eval $(call unit_rules,$(r))))

.PHONY: unit unit-programs
unit-programs: $(unit_programs)
unit: unit-programs
	@tests/unit/run $(BUILD)/unit $(unit_programs)
# one room alone: make unit-base
$(addprefix unit-,$(ROOMS) sandbox): unit-%:
	@$(MAKE) --no-print-directory $(filter $(BUILD)/unit/$*/%,$(unit_programs))
	@tests/unit/run $(BUILD)/unit $(filter $(BUILD)/unit/$*/%,$(unit_programs))
.PHONY: $(addprefix unit-,$(ROOMS) sandbox)

# ---------------------------------------------------------------- further programs for tests
$(BUILD)/generate: tests/bench/generate.c | $(BUILD)/deps.done
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lm

$(BUILD)/bare: tests/bench/bare.c | $(BUILD)/deps.done
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lcsv

# the corpora of the fuzz harnesses, replayed: tests/fuzz/NAME.c with tests/fuzz/corpus/NAME
fuzz_names := $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
$(BUILD)/replay/%: tests/fuzz/%.c tests/fuzz/replay.c $(call archives,mapping $(uses_mapping))
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(call archives,mapping $(uses_mapping)) \
	    $(call room_libs,mapping $(uses_mapping)) -lm
.PHONY: replay
replay: $(addprefix $(BUILD)/replay/,$(fuzz_names))
	@tests/fuzz/replay.sh $(BUILD)/replay $(fuzz_names)

# ---------------------------------------------------------------- what a person runs
-include tests/faults/sim/sim.mk tests/faults/real.mk

.PHONY: demo schema failures reports run-cases check lint bench install uninstall fuzz asan help
demo: all
	@tests/demo/demo.sh $(BUILD)

schema: all $(BUILD)/deps-check.done
	@tests/schema/verdicts.py --build $(BUILD)

failures:
	@tests/failures.sh

reports: all $(BUILD)/deps-check.done
	@tests/reports/check.py --build $(BUILD)

run-cases: all $(BUILD)/generate $(BUILD)/deps-check.done
	@tests/run/run.py --build $(BUILD)

# every test; the last line adds up
check:
	@$(MAKE) --no-print-directory $(BUILD)/deps-check.done
	@$(MAKE) --no-print-directory WERROR=-Werror all unit-programs $(BUILD)/generate \
	    $(addprefix $(BUILD)/replay/,$(fuzz_names)) faults-programs $(BUILD)/faults/sim
	@tests/check.sh $(MAKE) WERROR=-Werror

lint: $(BUILD)/deps-lint.done
	@tests/lint.sh

bench: all $(BUILD)/generate $(BUILD)/bare
	@tests/bench/bench.py --build $(BUILD)

# a build with address and undefined-behaviour sanitizers, and the unit tests in it
asan:
	$(MAKE) BUILD=$(BUILD)/asan OPTIMISE='-O1 -g' HARDEN= LDFLAGS= \
	    SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' all unit

# make fuzz SECONDS=60: every harness for so long; RUNS=10000000: so many executions of each
SECONDS ?= 60
FUZZ    ?= $(fuzz_names)
fuzz: $(BUILD)/deps-lint.done
	@tests/fuzz/fuzz.sh $(BUILD)/fuzz $(if $(RUNS),-runs=$(RUNS),-max_total_time=$(SECONDS)) $(FUZZ)

install: $(BUILD)/opspush
	install -D -m 0755 $(BUILD)/opspush $(DESTDIR)$(PREFIX)/bin/opspush
	install -d $(DESTDIR)$(PREFIX)/share/opspush $(DESTDIR)$(PREFIX)/share/man/man1
	$(BUILD)/opspush help man >$(DESTDIR)$(PREFIX)/share/man/man1/opspush.1
	cp -r mappings $(DESTDIR)$(PREFIX)/share/opspush/
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/opspush $(DESTDIR)$(PREFIX)/share/man/man1/opspush.1
	rm -rf $(DESTDIR)$(PREFIX)/share/opspush

help:
	@echo 'make            build/opspush and build/opspush-sandbox'
	@echo 'make demo       a rehearsal on loopback: two days of invented people'
	@echo 'make check      every test; the last line says N passed, N failed'
	@echo 'make unit       unit tests; unit-ROOM for one room ($(ROOMS))'
	@echo 'make run-cases  whole runs of the real program'
	@echo 'make replay     the corpora of the fuzz harnesses'
	@echo 'make lint       formatting, include rules, static analysis'
	@echo 'make bench      speed and memory as ratios from one run'
	@echo 'make asan       the unit tests under sanitizers'
	@echo 'make fuzz       the fuzz harnesses, SECONDS=60 each, or RUNS=10000000'
	@echo 'make install    PREFIX=/usr/local, DESTDIR='
	@echo 'DEPS=no         install nothing; say what is missing'

# ---------------------------------------------------------------- what must be installed
PACKAGES := gcc libc6-dev pkg-config libcurl4-openssl-dev libcsv-dev libcjson-dev libsqlite3-dev libsodium-dev \
            libutf8proc-dev libmicrohttpd-dev
PACKAGES_CHECK := check python3 python3-jsonschema sqlite3 openssl strace
# with it the simulator does a tenth more nights a second
PACKAGES_FAST  := libmimalloc-dev
PACKAGES_LINT  := clang clang-format clang-tidy cppcheck
# what some tests do without, with a word: a browser, promtool, pages of a PDF, other clocks; CI has them all
PACKAGES_CI    := chromium prometheus poppler-utils faketime
DEPS ?= yes
$(BUILD)/deps.done: needed = $(PACKAGES)
$(BUILD)/deps-check.done: needed = $(PACKAGES_CHECK)
$(BUILD)/deps-check.done: wanted = $(PACKAGES_FAST) $(if $(CI),$(PACKAGES_CI))
$(BUILD)/deps-lint.done: needed = $(PACKAGES_LINT)
# one after the other: the package manager works for one at a time
$(BUILD)/deps-check.done: | $(BUILD)/deps.done
$(BUILD)/deps-lint.done: | $(BUILD)/deps-check.done
$(BUILD)/%.done:
	@mkdir -p $(@D)
	@tests/deps.sh '$(DEPS)' $(needed)
	@$(if $(wanted),tests/deps.sh '$(DEPS)' $(wanted) || echo 'without them some tests take longer or say that they are skipped')
	@touch $@

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
