# SPDX-License-Identifier: BSD-2-Clause
#
# lwIP's sources, patched, below the output folder. Headers among them are read by our own
# files of net/lwip, so these wait for the copy too. The folder of patches is newer than the
# copy when one has gone.

lwip-from := $(srctree)/third_party/lwip/src
lwip-patches := $(sort $(wildcard $(srctree)/net/lwip/patches/*.patch))
lwip-copy := net/lwip/stack/.copied
lwip-objs := $(filter net/lwip/%,$(objs))
# make does not see that a patch went away, so the copy says what it was made with.
lwip-made-with := $(shell cat $(srctree)/scripts/build/lwip-sources $(lwip-patches) | cksum)

ifneq ($(lwip-made-with),$(shell cat $(lwip-copy) 2>/dev/null))
.PHONY: $(lwip-copy)
endif

$(lwip-copy): $(srctree)/scripts/build/lwip-sources $(lwip-patches) \
		$(srctree)/net/lwip/patches $(wildcard $(lwip-from)/core/tcp.c)
	$(say) PATCH net/lwip/stack
	$(Q)$(srctree)/scripts/build/lwip-sources $(lwip-from) $(srctree)/net/lwip/patches net/lwip/stack
	$(Q)echo '$(lwip-made-with)' >$@

$(patsubst %.o,%.c,$(filter net/lwip/stack/%,$(lwip-objs))): $(lwip-copy) ;
$(lwip-objs): | $(lwip-copy)
