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

libs_base    := $(shell pkg-config --libs libsodium libutf8proc 2>/dev/null)
libs_json    := $(shell pkg-config --libs libcjson 2>/dev/null)
libs_export  := -lcsv
libs_push    := $(shell pkg-config --libs libcurl 2>/dev/null)
libs_state   := $(shell pkg-config --libs sqlite3 2>/dev/null)
libs_sandbox := $(shell pkg-config --libs libmicrohttpd 2>/dev/null)

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

$(BUILD)/obj/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

define room_rules
sources_$(1) := $$(filter-out src/$(1)/main.c,$$(wildcard src/$(1)/*.c))
$(BUILD)/lib/$(1).a: $$(patsubst %.c,$(BUILD)/obj/%.o,$$(sources_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach r,$(ROOMS) sandbox,$(eval $(call room_rules,$(r))))

$(BUILD)/opspush: $(BUILD)/obj/src/cli/main.o $(call archives,$(call closure,cli))
	$(CC) $(OPTIMISE) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(call room_libs,$(call closure,cli)) -lm
$(BUILD)/opspush-sandbox: $(BUILD)/obj/src/sandbox/main.o $(call archives,$(call closure,sandbox))
	$(CC) $(OPTIMISE) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(call room_libs,$(call closure,sandbox)) -lm -lpthread

# ---------------------------------------------------------------- unit tests: tests/unit/ROOM/MODULE.c
unit_sources  := $(wildcard tests/unit/*/*.c)
unit_programs := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(unit_sources))
define unit_rules
$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $(call archives,$(call closure,$(1))) tests/unit/unit.h
	@mkdir -p $$(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit $(LDFLAGS) -o $$@ $$< $(call archives,$(call closure,$(1))) \
	    $$(shell pkg-config --cflags --libs check) $(call room_libs,$(call closure,$(1))) -lm
endef
$(foreach r,$(ROOMS) sandbox,$(eval $(call unit_rules,$(r))))

.PHONY: unit unit-programs
unit-programs: $(unit_programs)
unit: deps unit-programs
	@tests/unit/run $(BUILD)/unit $(unit_programs)
# one room alone: make unit-base
$(addprefix unit-,$(ROOMS) sandbox): unit-%: deps
	@$(MAKE) --no-print-directory $(filter $(BUILD)/unit/$*/%,$(unit_programs))
	@tests/unit/run $(BUILD)/unit $(filter $(BUILD)/unit/$*/%,$(unit_programs))
.PHONY: $(addprefix unit-,$(ROOMS) sandbox)

# ---------------------------------------------------------------- what must be installed
.PHONY: deps
deps:
	@:

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
