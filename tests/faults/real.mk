# The real program under faults (failures.md, layers L2 and L3). The fault server and the preloaded shim are programs of their own.
FAULT_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE $(WARN) $(OPTIMISE)

$(BUILD)/faults/fault-server: $(wildcard tests/faults/server/*.c) $(wildcard tests/faults/server/*.h)
	@mkdir -p $(@D)
	$(CC) $(FAULT_CFLAGS) $(WERROR) -o $@ $(filter %.c,$^) -lpthread
$(BUILD)/faults/shim.so: tests/faults/real/shim.c
	@mkdir -p $(@D)
	$(CC) $(FAULT_CFLAGS) $(WERROR) -fPIC -shared -o $@ $<

.PHONY: faults-programs faults-short faults-full
faults-programs: all $(BUILD)/faults/fault-server $(BUILD)/faults/shim.so
# the part that ends within a minute on two cores
faults-short: faults-programs
	@tests/faults/real/faults.py --build $(BUILD)
# every cut point, every system call, every allocation; writes its figures into the README
faults-full: faults-programs
	@tests/faults/real/faults.py --build $(BUILD) --full --figures tests/faults/README.md
