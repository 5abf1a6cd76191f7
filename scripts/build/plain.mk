# SPDX-License-Identifier: BSD-2-Clause
#
# Targets that need no configuration.

PHONY += help setup clean mrproper tags check-layers format report

setup:
	@$(srctree)/scripts/setup $(if $(REFERENCE),--reference)

# Where sources and outputs share a folder, only what the build made may go.
made := vmlinux vmlinux.map .vmlinux.* System.map compile_commands.json tags \
	arch/arm64/boot arch/arm64/kernel.lds arch/arm64/vdso/vdso.so \
	arch/arm64/vdso/vdso.so.dbg arch/arm64/vdso/vdso.lds \
	arch/arm64/asm-offsets.s kernel/config_data.gz net/lwip/stack \
	include/generated usr/out usr/initramfs.cpio usr/tests.cpio usr/tiny.cpio

clean:
	$(say) CLEAN $(objtree)
	$(Q)rm -rf $(made)
	$(Q)for d in $(kernel-folders); do [ ! -d $$d ] || find $$d -type f \
		\( -name '*.o' -o -name '.*.cmd' -o -name '.*.d' -o -name '.*.json' \) -delete; done

mrproper: clean
	$(Q)rm -rf include/config .config .config.old defconfig

tags:
	$(say) TAGS tags
	$(Q)cd $(srctree) && ctags -f $(objtree)/tags --languages=C,Asm,C++ --langmap=C:+.h \
		--exclude=third_party --exclude=tests/host -R $(wildcard $(addprefix $(srctree)/,\
		$(kernel-folders) include usr))

check-layers:
	@$(srctree)/scripts/check-layers

report:
	@$(srctree)/scripts/report

format:
	@LLVM=$(LLVM) $(srctree)/scripts/format $(BASE)

help:
	@sed 's/^|//' $(srctree)/scripts/build/help.txt
	@echo 'Configurations (configs/):'
	@cd $(srctree)/configs && for f in *defconfig fragments/*.config; do \
		printf '  %-24s %s\n' "$${f##*/}" "$$(sed -n '1s/^# *//p' $$f)"; done
