# SPDX-License-Identifier: BSD-2-Clause
#
# The vDSO: code the kernel maps into programs. arch/arm64/vdso/Makefile says
#   vdso-y += x.o
# for sources x.c or x.S beside it; arch/arm64/vdso/vdso.lds.S lays them out. The result is
# embedded page-aligned between the symbols vdso_image_start and vdso_image_end, and
# <generated/vdso-offsets.h> has `#define vdso_offset_NAME` for each of its functions.

vdso := arch/arm64/vdso
vdso-s-objs := $(patsubst $(srctree)/%.S,%.o,$(wildcard $(patsubst %.o,$(srctree)/%.S,$(vdso-objs))))
vdso-c-objs := $(filter-out $(vdso-s-objs),$(vdso-objs))

# Position independent, and nothing of the kernel's run time.
vdso-c-flags := $(filter-out -fno-pic -mcmodel=% -fstack-protector-strong -mgeneral-regs-only \
	$(kasan-flags) -fsanitize%,$(c-flags)) -fPIC -fno-stack-protector \
	-fvisibility=hidden -DBUILD_VDSO $(ccflags-vdso-y)

$(vdso-c-objs): %.o: $(srctree)/%.c FORCE | $(generated)
	$(call if-changed-dep,VDSOCC,$(CC) $(dep-flags) $(vdso-c-flags) -c -o $@ $<)

$(vdso-s-objs): %.o: $(srctree)/%.S FORCE | $(generated)
	$(call if-changed-dep,VDSOAS,$(CC) $(dep-flags) $(s-flags) -DBUILD_VDSO -c -o $@ $<)

$(vdso)/vdso.lds: $(srctree)/$(vdso)/vdso.lds.S FORCE | $(generated)
	$(call if-changed-dep,LDS,$(CC) $(dep-flags) $(s-flags) -E -P -x assembler-with-cpp -D__LINKER_SCRIPT__ -o $@ $<)

$(vdso)/vdso.so: $(vdso-objs) $(vdso)/vdso.lds FORCE
	$(call if-changed,VDSOLD,$(LD) -m aarch64elf -shared -soname linux-vdso.so.1 --hash-style=both \
		--build-id=none --no-undefined -Bsymbolic -z max-page-size=4096 -z noexecstack -z norelro \
		-T $(vdso)/vdso.lds -o $@.dbg $(vdso-objs) && $(OBJCOPY) -S $@.dbg $@)

include/generated/vdso-offsets.h: $(vdso)/vdso.so
	$(call if-different,$(NM) -g --defined-only $(vdso)/vdso.so.dbg | LC_ALL=C sort | \
		awk '$$2 ~ /[TtWwVD]/ { printf "#define vdso_offset_%s 0x%s\n"$(comma) $$3$(comma) $$1 }')

$(vdso)/vdso-image.o: $(vdso)/vdso.so
