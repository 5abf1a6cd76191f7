# SPDX-License-Identifier: BSD-2-Clause
#
# Configuration targets. One goal at a time; the output folder is the current one.

conf := $(PYTHON) $(srctree)/scripts/kconfig/conf.py
kconfiglib := MENUCONFIG_STYLE="$(MENUCONFIG_STYLE)" $(PYTHON) -m

# Interactive programs start from defconfig where there is no configuration yet.
define need-config
@[ -f $(KCONFIG_CONFIG) ] || $(conf) defconfig $(srctree)/configs/defconfig
endef

# A name such as x_defconfig or x.config: below configs/, or a file as given. x.config may also be
# x_defconfig, which says only what differs from the default.
find-config = $(firstword $(wildcard $(srctree)/configs/$1 $(srctree)/configs/fragments/$1 \
	$(srctree)/configs/$(1:%.config=%_defconfig) $(abspath $1) $(srctree)/$1))

PHONY += menuconfig nconfig guiconfig oldconfig config
menuconfig:
	$(need-config)
	@$(kconfiglib) menuconfig Kconfig

# Neither kconfiglib nor Debian's linux-kbuild has Linux's second terminal interface.
nconfig:
	@echo 'nconfig: the same as menuconfig here' >&2
	$(need-config)
	@$(kconfiglib) menuconfig Kconfig

guiconfig:
	@$(PYTHON) -c 'import tkinter' 2>/dev/null || \
		{ echo 'guiconfig: needs the package python3-tk: apt-get install python3-tk' >&2; exit 1; }
	$(need-config)
	@$(kconfiglib) guiconfig Kconfig

oldconfig config:
	$(need-config)
	@$(kconfiglib) oldconfig Kconfig

PHONY += olddefconfig alldefconfig allyesconfig allnoconfig randconfig listnewconfig helpnewconfig
olddefconfig alldefconfig allyesconfig allnoconfig randconfig listnewconfig helpnewconfig:
	@$(conf) $@

PHONY += savedefconfig syncconfig traceconfig defconfig
savedefconfig:
	@$(conf) savedefconfig defconfig

syncconfig:
	@$(conf) sync

traceconfig:
	@[ -n "$(SYM)" ] || { echo 'usage: make traceconfig SYM=NAME' >&2; exit 2; }
	@$(conf) trace $(SYM)

defconfig:
	@$(conf) defconfig $(srctree)/configs/defconfig

%_defconfig:
	@file='$(call find-config,$@)'; [ -n "$$file" ] || \
		{ echo "error: there is no configs/$@; there are:" $(notdir $(wildcard $(srctree)/configs/*defconfig)) >&2; exit 1; }; \
	$(conf) defconfig "$$file"

%.config:
	@file='$(call find-config,$@)'; [ -n "$$file" ] || \
		{ echo "error: there is no configs/fragments/$@; there are:" $(notdir $(wildcard $(srctree)/configs/fragments/*.config)) \
			$(patsubst %_defconfig,%.config,$(notdir $(wildcard $(srctree)/configs/*_defconfig))) >&2; exit 1; }; \
	$(conf) merge "$$file"

# Any other name that ends in config.
%config:
	@echo "error: no such configuration target: $@ (make help lists them)" >&2; exit 1
