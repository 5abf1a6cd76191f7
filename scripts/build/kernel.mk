# SPDX-License-Identifier: BSD-2-Clause
#
# Compiles and links the kernel. One make sees all folders: their Makefiles are read into one
# list of objects (walk, below), so that nothing is looked at twice.
#
# A command runs again when a prerequisite is newer, when its text is not the one saved beside
# the output (.NAME.cmd), or when an option changed that a source mentions: fixdep turns each
# CONFIG_X in the sources into a dependency on include/config/X.

ifeq ($(wildcard $(KCONFIG_CONFIG)),)
$(error no $(KCONFIG_CONFIG) in $(objtree): run `make defconfig` or another *_defconfig first)
endif
ifeq ($(wildcard $(SYSROOT)/usr/include/linux),)
$(error third_party/sysroot is missing: run `make setup`)
endif

# Remade, and make started again, when .config or a Kconfig file is newer.
include include/config/auto.conf
-include include/config/auto.conf.cmd

include/config/auto.conf: $(KCONFIG_CONFIG)
	$(say) CONFIG $<
	$(Q)$(PYTHON) $(srctree)/scripts/kconfig/conf.py sync

$(KCONFIG_CONFIG): ;

include $(srctree)/scripts/build/flags.mk

# --- running commands ----------------------------------------------------------------------

PHONY += FORCE
FORCE:

same = $(and $(findstring x$(strip $1)x,x$(strip $2)x),$(findstring x$(strip $2)x,x$(strip $1)x))
cmdfile = $(@D)/.$(@F).cmd
# Newer, or gone, or made by another command.
stale = $(or $(filter-out FORCE,$?),$(filter-out FORCE $(wildcard $^),$^),$(if $(call same,$(cmd_$@),$1),,changed))

# $(call if-changed,LABEL,command): runs it if it is stale, and saves its text.
define if-changed
$(if $(call stale,$2),$(say) $1 $@
	$(Q)$(strip $2)
	@printf '%s\n' 'cmd_$@ := $(subst ','\'',$(strip $2))' >$(cmdfile),@:)
endef

# The same for a compilation, which also learns its dependencies.
define if-changed-dep
$(if $(call stale,$2),$(say) $1 $@
	$(Q)$(strip $2)
	@$(FIXDEP) $(@D)/.$(@F).d $@ '$(subst ','\'',$(strip $2))' >$(cmdfile)
	@rm -f $(@D)/.$(@F).d,@:)
endef

# $(call if-different,shell command that prints a file): replaces it only by another text.
define if-different
@mkdir -p $(@D); $1 >$@.new; \
if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
endef

# --- the folders' Makefiles ----------------------------------------------------------------

# A folder's Makefile may say:
#   obj-y += x.o sub/           always built (objects and folders)
#   obj-$(CONFIG_X) += x.o      built if the option is on
#   ccflags-y += -Dx            flags for the C files of this folder
#   CFLAGS_x.o, CFLAGS_REMOVE_x.o
objs :=
folders :=

# $(call collect,FOLDER,items,ccflags): notes flags first, for sub-folders reuse the names.
define collect
$(foreach o,$(filter %.o,$2),$(eval cc.$1/$o := $3 $(CFLAGS_$o))$(eval cc-remove.$1/$o := \
	$(CFLAGS_REMOVE_$o))$(eval CFLAGS_$o :=)$(eval CFLAGS_REMOVE_$o :=))
$(foreach o,$2,$(if $(filter %/,$o),$(call walk,$1/$(patsubst %/,%,$o)),$(eval objs += $1/$o)))
endef

define walk
$(eval obj-y :=)
$(eval ccflags-y :=)
$(eval src := $1)
$(eval include $(srctree)/$1/Makefile)
$(eval folders += $1)
$(call collect,$1,$(strip $(obj-y)),$(ccflags-y))
endef

$(foreach d,$(kernel-folders),$(if $(wildcard $(srctree)/$d/Makefile),$(call walk,$d)))

twice := $(strip $(foreach o,$(sort $(objs)),$(if $(word 2,$(filter $o,$(objs))),$o)))
ifneq ($(twice),)
$(error listed twice in the folders' Makefiles: $(twice))
endif

vdso-y :=
-include $(srctree)/arch/arm64/vdso/Makefile
vdso-objs := $(addprefix arch/arm64/vdso/,$(vdso-y))

# --- goals that name a file or a folder ----------------------------------------------------

# Single objects may belong to options that are off.
extra-objs := $(filter-out $(objs) $(vdso-objs),$(filter %.o,$(build-goals)))
folder-goals := $(filter %/,$(build-goals))
PHONY += $(folder-goals)
define folder-goal
$1: $$(or $$(filter $1%,$$(objs)),$$(error nothing is built in $1 with this configuration))
	@:
endef
$(foreach d,$(folder-goals),$(eval $(call folder-goal,$d)))

# --- generated files -----------------------------------------------------------------------

generated := include/generated/utsrelease.h include/generated/compile.h
# Read only by arch/arm64; others need not wait for them.
arch-generated :=
ifneq ($(wildcard $(srctree)/arch/arm64/asm-offsets.c),)
arch-generated += include/generated/asm-offsets.h
endif
ifdef CONFIG_NET_LWIP
include $(srctree)/scripts/build/lwip.mk
endif
ifneq ($(vdso-y),)
arch-generated += include/generated/vdso-offsets.h
objs += arch/arm64/vdso/vdso-image.o
endif

c-version := $(shell $(CC) --version 2>/dev/null | head -n1)
ifeq ($(c-version),)
$(error cannot run $(CC): run `make setup`, or name other tools by LLVM=)
endif

include/generated/utsrelease.h: FORCE
	$(call if-different,echo '#define UTS_RELEASE "$(KERNELRELEASE)"')

# Nothing of the time or the machine of the build: the same source gives the same Image.
include/generated/compile.h: FORCE
	$(call if-different,printf '%s\n' '#define UTS_MACHINE "aarch64"' \
		'#define UTS_VERSION "#1$(if $(CONFIG_SMP), SMP)$(if $(CONFIG_PREEMPT_FULL), PREEMPT) Tessera"' \
		'#define COMPILE_BY "$(or $(KBUILD_BUILD_USER),tessera)"' \
		'#define COMPILE_HOST "$(or $(KBUILD_BUILD_HOST),build)"' \
		'#define COMPILER "$(c-version)"')

# Objects depend on the compiler's version by this file.
include/generated/compiler-version: FORCE
	$(call if-different,echo '$(c-version)')

# The compiler prints "->NAME value" lines into assembly; they become definitions.
arch/arm64/asm-offsets.s: $(srctree)/arch/arm64/asm-offsets.c include/generated/compiler-version FORCE | $(generated)
	@mkdir -p $(@D)
	$(call if-changed-dep,GEN,$(CC) $(dep-flags) $(c-flags) -fno-lto -Xclang -no-integrated-as -S -o $@ $<)

include/generated/asm-offsets.h: arch/arm64/asm-offsets.s
	$(say) GEN $@
	$(Q)sed -n 's/.*->\([A-Za-z_][A-Za-z0-9_]*\) [#$$]*\(-\{0,1\}[0-9]*\).*/#define \1 \2/p' $< >$@

kernel/config_data.gz: $(KCONFIG_CONFIG)
	$(say) GZIP $@
	@mkdir -p $(@D)
	$(Q)gzip -9 -n -c $< >$@

kernel/config_data.o: kernel/config_data.gz

# --- compiling -----------------------------------------------------------------------------

all-objs := $(objs) $(extra-objs)
s-objs := $(patsubst $(srctree)/%.S,%.o,$(wildcard $(patsubst %.o,$(srctree)/%.S,$(all-objs))))
c-objs := $(filter-out $(s-objs),$(all-objs))

$(all-objs) $(vdso-objs): include/generated/compiler-version
$(all-objs): | $(generated)
$(filter arch/arm64/%,$(all-objs)): | $(arch-generated)

# Sources that the build makes are below the output folder.
made-objs := $(filter net/lwip/stack/%,$(c-objs))
$(filter-out $(made-objs),$(c-objs)): %.o: $(srctree)/%.c FORCE
	$(call if-changed-dep,CC,$(CC) $(dep-flags) $(filter-out $(cc-remove.$@),$(c-flags) $(lto-flags) $(cc.$@)) -c -o $@ $<)

$(made-objs): %.o: %.c FORCE
	$(call if-changed-dep,CC,$(CC) $(dep-flags) $(filter-out $(cc-remove.$@),$(c-flags) $(lto-flags) $(cc.$@)) -c -o $@ $<)

$(s-objs): %.o: $(srctree)/%.S FORCE
	$(call if-changed-dep,AS,$(CC) $(dep-flags) $(s-flags) -c -o $@ $<)

# --- the vDSO: a shared object of its own, embedded in the kernel --------------------------

ifneq ($(vdso-y),)
include $(srctree)/scripts/build/vdso.mk
endif

# --- linking -------------------------------------------------------------------------------

arch/arm64/kernel.lds: $(srctree)/arch/arm64/kernel.lds.S FORCE | $(generated)
	@mkdir -p $(@D)
	$(call if-changed-dep,LDS,$(CC) $(dep-flags) $(s-flags) -E -P -x assembler-with-cpp -D__LINKER_SCRIPT__ -o $@ $<)

libs := $(wildcard $(SYSROOT)/usr/lib/aarch64-linux-gnu/libfdt.a)

link-script := $(srctree)/scripts/build/link
vmlinux: $(objs) arch/arm64/kernel.lds $(libs) $(link-script) $(srctree)/scripts/kallsyms.py FORCE
	$(call if-changed,LD,$(link-script) $(if $(CONFIG_KALLSYMS),--kallsyms) $(if $(CONFIG_LTO_CLANG),--lto) \
		--ldflags '$(ld-flags)' --asflags '$(s-flags)' -- $(objs) $(libs))

arch/arm64/boot/Image: vmlinux FORCE
	@mkdir -p $(@D)
	$(call if-changed,OBJCOPY,$(OBJCOPY) -O binary -R .note -R .comment -S $< $@)

PHONY += all Image initramfs size checkstack tidy sparse
all: arch/arm64/boot/Image initramfs compile_commands.json
Image: arch/arm64/boot/Image

initramfs:
	@+$(MAKE) -f $(srctree)/usr/Makefile O=$(objtree) SRCTREE=$(srctree) \
		USRCC=$(CC) USRLD=$(LD) USRSTRIP=$(STRIP) $@

compile_commands.json: $(c-objs)
	@mkdir -p $(@D)
	@(echo '['; cat $(foreach o,$^,$(dir $o).$(notdir $o).json) | sed '$$s/,$$//'; echo ']') >$@

size: arch/arm64/boot/Image
	@$(PYTHON) $(srctree)/scripts/sizes .

checkstack: vmlinux
	@$(PYTHON) $(srctree)/scripts/sizes --stack $(or $(N),20) .

# lwIP's own files are not ours to judge. ONLY=fs/tmpfs: what is below.
tidy-files = $(srctree)/(?!.*net/lwip/stack/)$(ONLY)
tidy: compile_commands.json
	@command -v run-clang-tidy$(llvm-suffix) >/dev/null || { \
		echo 'tidy: run-clang-tidy$(llvm-suffix): not found (Debian package clang-tidy-19)' >&2; exit 1; }
	@grep -qP '"file": "$(tidy-files)' $< || { echo 'tidy: ONLY=$(ONLY): names no file of this configuration' >&2; exit 2; }
	@run-clang-tidy$(llvm-suffix) -quiet -p . -config-file $(srctree)/.clang-tidy '^$(tidy-files)' 2>/dev/null

sparse: compile_commands.json
	@$(srctree)/scripts/sparse . $(ONLY)

# --- what earlier runs saved ---------------------------------------------------------------

# mkdir once, not in each rule.
$(shell mkdir -p $(sort $(dir $(all-objs) $(vdso-objs)) arch/arm64 kernel))
-include $(foreach t,$(all-objs) $(vdso-objs) vmlinux arch/arm64/boot/Image \
	arch/arm64/kernel.lds arch/arm64/asm-offsets.s arch/arm64/vdso/vdso.so \
	arch/arm64/vdso/vdso.lds,$(dir $t).$(notdir $t).cmd)

.DELETE_ON_ERROR:
.SECONDARY:
