# SPDX-License-Identifier: BSD-2-Clause
#
# Flags of the compiler and the linker, the same for all folders.

machine-flags := --target=aarch64-none-elf -march=armv8-a -mgeneral-regs-only \
	-mno-outline-atomics -mbranch-protection=none

# Our headers, those made by the build, Linux's for user programs (the ABI), what few of
# those want of a C library, and the compiler's own (stdarg.h, stddef.h, stdint.h).
include-flags := -nostdinc -I$(objtree)/include -I$(srctree)/include \
	-I$(srctree)/arch/arm64/include \
	-I$(srctree)/include/libc -isystem $(SYSROOT)/usr/include/aarch64-linux-gnu -isystem $(SYSROOT)/usr/include \
	-isystem $(shell $(CC) -print-resource-dir)/include \
	-include $(objtree)/include/generated/autoconf.h -include $(srctree)/include/lib/kconfig.h

# Where sources and outputs are must not show in what is built.
place-flags := -fdebug-compilation-dir=. -ffile-prefix-map=$(srctree)/= \
	$(if $(filter-out $(srctree),$(objtree)),-ffile-prefix-map=$(objtree)/=)

warn-flags := -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wmissing-prototypes \
	-Wstrict-prototypes -Wthread-safety -Wundef -Wvla -Wno-missing-field-initializers \
	-Wno-initializer-overrides
ifdef CONFIG_WERROR
warn-flags += -Werror
endif

ifdef CONFIG_CC_OPTIMIZE_FOR_SIZE
opt-flags := -Oz
else
opt-flags := -O2
endif
ifdef CONFIG_DEBUG_INFO
opt-flags += -g
endif

c-flags := $(machine-flags) -std=gnu11 -ffreestanding $(include-flags) $(place-flags) \
	$(opt-flags) -fno-pic -mcmodel=small -fno-common -fno-strict-aliasing -fwrapv \
	-fno-delete-null-pointer-checks -fno-asynchronous-unwind-tables -fno-omit-frame-pointer \
	-momit-leaf-frame-pointer -ffunction-sections -fdata-sections $(warn-flags)
ifdef CONFIG_STACKPROTECTOR
c-flags += -fstack-protector-strong
endif
ifdef CONFIG_UBSAN_TRAP
ubsan-checks := array-bounds,shift,bool,enum,unreachable,vla-bound
c-flags += -fsanitize=$(ubsan-checks) -fsanitize-trap=$(ubsan-checks)
endif

# Calls at each load and store (mm/kasan.c), and instead of memcpy and its like.
ifdef CONFIG_KASAN
kasan-flags := -fsanitize=kernel-address \
	$(addprefix -mllvm ,-asan-instrumentation-with-call-threshold=0 -asan-stack=0 \
		-asan-globals=0 -asan-kernel-mem-intrinsic-prefix=1)
c-flags += $(kasan-flags)
endif

ifdef CONFIG_LTO_CLANG
lto-flags := -flto=full
endif

s-flags := $(machine-flags) $(include-flags) $(place-flags) -D__ASSEMBLY__ \
	$(if $(CONFIG_DEBUG_INFO),-g)

ld-flags := -m aarch64elf -nostdlib -static --gc-sections -z max-page-size=4096 \
	-z noexecstack -z norelro -z nognustack --build-id=none --no-undefined -X \
	--orphan-handling=warn -O2
# Functions that came out the same are one, unless somebody takes the address.
ifdef CONFIG_CC_OPTIMIZE_FOR_SIZE
ld-flags += --icf=safe
endif

dep-flags = -MMD -MF $(@D)/.$(@F).d -MJ $(@D)/.$(@F).json
