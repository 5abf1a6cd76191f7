# SPDX-License-Identifier: BSD-2-Clause
# One cmocka program and one fuzzer of the same files, under ASan and UBSan. A folder's Makefile sets
#   HERE     its path, below which test_$(name).c and fuzz_$(name).c are
#   name     of the two
#   files    what is tested, without .c, and where it is beside HERE: sources, folders of the tree
#   max-len  the longest input of the fuzzer; includes, more -I
# and has these targets:
#   make OUT=dir check                  build and run
#   make OUT=dir fuzz                   build the fuzzer
#   make OUT=dir FUZZ_SECONDS=60 fuzz-run
OUT ?= /tmp/tessera-host-$(name)
FUZZ_SECONDS ?= 60
CC := clang-19

SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS := -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Wno-unused-parameter \
	-Wno-sign-compare -Wno-missing-field-initializers -Werror -fwrapv -fno-strict-aliasing \
	-include $(TOP)/include/lib/kconfig.h $(includes) -I$(TOP)/include -MMD -MP
TEST := $(OUT)/test_$(name)
FUZZ := $(OUT)/fuzz_$(name)
vpath %.c $(HERE) $(addprefix $(TOP)/,$(sources))

all: $(TEST)

check: $(TEST)
	@echo "== test_$(name)"; $<

fuzz: $(FUZZ)

fuzz-run: $(FUZZ)
	@mkdir -p $(FUZZ).corpus
	@echo "== fuzz_$(name) for $(FUZZ_SECONDS) s"
	@$(FUZZ) -max_total_time=$(FUZZ_SECONDS) -max_len=$(max-len) -timeout=10 -verbosity=0 \
		-artifact_prefix=$(FUZZ). $(FUZZ).corpus

$(OUT)/test/%.o: CFLAGS += $(SAN)
$(OUT)/fuzz/%.o: CFLAGS += $(SAN) -fsanitize=fuzzer-no-link

# One rule a folder: of a pattern with two targets make believes that one run makes both.
define compile
$(OUT)/$(1)/%.o: %.c $(MAKEFILE_LIST)
	@mkdir -p $$(@D)
	$(CC) $$(CFLAGS) -c $$< -o $$@
endef
$(eval $(call compile,test))
$(eval $(call compile,fuzz))

$(TEST): $(patsubst %,$(OUT)/test/%.o,test_$(name) $(files))
	$(CC) $(SAN) $^ -lcmocka -o $@

$(FUZZ): $(patsubst %,$(OUT)/fuzz/%.o,fuzz_$(name) $(files))
	$(CC) $(SAN) -fsanitize=fuzzer $^ -o $@

clean:
	rm -rf $(OUT)

.PHONY: all check fuzz fuzz-run clean
.SECONDARY:
-include $(wildcard $(OUT)/test/*.d $(OUT)/fuzz/*.d)
