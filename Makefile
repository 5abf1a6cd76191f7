# SPDX-License-Identifier: BSD-2-Clause
#
# Tessera's build. This file finds the output folder and sorts the goals; the work is in
#   scripts/build/config.mk   configuration targets
#   scripts/build/flow.mk     run, gdb, test: targets that prepare whatever they need
#   scripts/build/kernel.mk   everything that is compiled or linked
# make runs again inside the output folder, so that all names of outputs are relative to it.

VERSION    := 6
PATCHLEVEL := 1
SUBLEVEL   := 0
LOCALVERSION ?= -tessera
KERNELRELEASE := $(VERSION).$(PATCHLEVEL).$(SUBLEVEL)$(LOCALVERSION)

MAKEFLAGS += -rR --no-print-directory
export LC_ALL := C

srctree := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
objtree := $(abspath $(or $(O),$(srctree)))

ifneq ($(words $(srctree) $(objtree)),2)
$(error the names of the source and output folders must not contain spaces)
endif

PHONY :=
comma := ,
.DEFAULT_GOAL := all

ifneq ($(CURDIR),$(objtree))

# --- outside the output folder: enter it ---------------------------------------------------

goals := $(or $(MAKECMDGOALS),all)
.PHONY: $(goals) enter

$(filter-out enter,$(goals)): enter
	@:

enter:
	@mkdir -p $(objtree)
	@$(MAKE) -C $(objtree) -f $(srctree)/Makefile $(if $(O),O=$(objtree)) $(goals)

# The makefile itself is not a target.
$(srctree)/Makefile Makefile: ;

else

# --- inside it -----------------------------------------------------------------------------

export srctree objtree
export KCONFIG_CONFIG ?= .config

# V=1 shows commands instead of one line for each.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif
# make -s shows neither.
ifneq ($(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),)
say = @:
export quiet := 1
endif

# LLVM=-19 is the suffix of the tools, LLVM=/path/ the folder they are in.
LLVM ?= -19
ifneq ($(filter %/,$(LLVM)),)
llvm-prefix := $(LLVM)
else ifneq ($(filter -%,$(LLVM)),)
llvm-suffix := $(LLVM)
endif
CC      := $(llvm-prefix)clang$(llvm-suffix)
LD      := $(llvm-prefix)ld.lld$(llvm-suffix)
NM      := $(llvm-prefix)llvm-nm$(llvm-suffix)
OBJCOPY := $(llvm-prefix)llvm-objcopy$(llvm-suffix)
SIZE    := $(llvm-prefix)llvm-size$(llvm-suffix)
STRIP   := $(llvm-prefix)llvm-strip$(llvm-suffix)
PYTHON  := /usr/bin/python3
SYSROOT := $(srctree)/third_party/sysroot
FIXDEP  := /usr/lib/linux-kbuild-6.1/scripts/basic/fixdep
export CC LD NM OBJCOPY SIZE PYTHON SYSROOT
# What the kernel is made of; usr/ and tests/ have builds of their own.
kernel-folders := arch/arm64 kernel mm fs ipc block net trace drivers lib

goals := $(or $(MAKECMDGOALS),all)
config-goals := $(filter config %config %.config,$(goals))
flow-goals := $(filter run gdb record replay test test-long matrix randconfig-boot bench bench-variants,$(goals))
plain-goals := $(filter help setup clean mrproper tags check-layers format report,$(goals))
build-goals := $(filter-out $(config-goals) $(flow-goals) $(plain-goals),$(goals))

ifneq ($(filter-out 0 1,$(words $(goals))),)
ifneq ($(config-goals)$(flow-goals)$(plain-goals),)
one-by-one := 1
endif
endif

ifdef one-by-one
# A configuration made by one goal must be seen by the next: each gets a make of its own.
.PHONY: $(goals) one-by-one
$(goals): one-by-one
	@:
one-by-one:
	@set -e; for goal in $(goals); do $(MAKE) -f $(srctree)/Makefile $$goal; done
else ifneq ($(config-goals),)
include $(srctree)/scripts/build/config.mk
else ifneq ($(flow-goals),)
include $(srctree)/scripts/build/flow.mk
else ifneq ($(plain-goals),)
include $(srctree)/scripts/build/plain.mk
else
include $(srctree)/scripts/build/kernel.mk
endif

$(srctree)/Makefile: ;
.PHONY: $(PHONY)

endif
