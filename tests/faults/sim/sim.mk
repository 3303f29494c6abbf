# The simulator (L1): whole pushes in one process, each a function of one seed.
SIM_DIR   := tests/faults/sim
SIM_ROOMS := $(call closure,job)
SIM_WRAP  := -Wl,--wrap=fsync,--wrap=rename,--wrap=mlock
SEEDS     ?= 10000
SIM_JOBS  ?= 1

# glibc's malloc takes an eighth of a simulated night: 400 seeds take 4.9 s with it, 4.4 s with mimalloc
SIM_MALLOC = $(if $(SANITIZE),,$(if $(findstring /,$(shell $(CC) -print-file-name=libmimalloc.so)),-lmimalloc))

$(BUILD)/faults/sim: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(SIM_DIR)/*.c)) $(call archives,$(SIM_ROOMS))
	@mkdir -p $(@D)
	$(CC) $(OPTIMISE) $(SANITIZE) $(LDFLAGS) $(SIM_WRAP) -o $@ $^ $(SIM_MALLOC) $(call room_libs,$(SIM_ROOMS)) -lm
$(BUILD)/obj/$(SIM_DIR)/%.o: ALL_CFLAGS += -D_GNU_SOURCE

.PHONY: seeds faults faults-selftest
# 45 seconds of fresh seeds, and every seed that ever failed
seeds: $(BUILD)/faults/sim
	@$(BUILD)/faults/sim --time 45 --list $(SIM_DIR)/failed-seeds.txt --jobs $(SIM_JOBS)

faults: $(BUILD)/faults/sim
	@$(BUILD)/faults/sim --count $(SEEDS) --from 1 --list $(SIM_DIR)/failed-seeds.txt --jobs $(SIM_JOBS) \
	    --figures $(BUILD)/faults/sim.figures
	@tests/faults/figures.sh $(BUILD)/faults

# each planted bug must be found
faults-selftest:
	@tests/faults/selftest.sh $(BUILD)/faults
