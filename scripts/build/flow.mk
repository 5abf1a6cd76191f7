# SPDX-License-Identifier: BSD-2-Clause
#
# Targets for people that go from nothing to the end: install what is missing, configure if
# there is no configuration, build, then act. Each later step is a make of its own.

# Programs started from here must not inherit this make's settings.
clean-env := env -u MAKEFLAGS -u MAKEOVERRIDES -u MFLAGS -u MAKELEVEL -u quiet -u KCONFIG_CONFIG

PHONY += run gdb record replay test test-long matrix randconfig-boot bench bench-variants
# make record CASE=mm; make replay: gdb on it, forwards and backwards.
run gdb record:
	@$(srctree)/scripts/setup --quiet
	@[ -f $(KCONFIG_CONFIG) ] || $(MAKE) -f $(srctree)/Makefile defconfig
	@+$(MAKE) -f $(srctree)/Makefile all
	@$(clean-env) O=$(objtree) $(srctree)/scripts/qemu $@

replay:
	@$(srctree)/scripts/setup --quiet
	@$(clean-env) O=$(objtree) $(srctree)/scripts/qemu $@

# The tests build each configuration they need in a folder of their own.
test test-long: long = $(if $(filter test-long,$@),--long)
test test-long:
	@$(srctree)/scripts/setup --quiet --tests $(long)
	@cd $(srctree) && $(clean-env) O=$(objtree) $(srctree)/scripts/test $(long) $(T)

# make matrix VARIANT=rt SUITE=boot SHARD=1/2 FULL=1: any axis of tests/matrix.yaml in capitals.
# RECORD=1: of a kernel that panics the run is kept, for make replay.
axes := VARIANT SUITE CPU GIC CPUS MEM EL SHARD FULL
lower = $(shell echo $1 | tr A-Z a-z)
matrix:
	@$(srctree)/scripts/setup --quiet --tests
	@cd $(srctree) && $(clean-env) TEST_BUILD=$(srctree)/build/matrix RECORD=$(RECORD) \
		$(srctree)/scripts/test $(T) \
		--matrix $(foreach a,$(axes),$(if $($a),$(call lower,$a)=$($a)))

# make randconfig-boot N=20 SEED=1
randconfig-boot:
	@$(srctree)/scripts/setup --quiet --tests
	@cd $(srctree) && $(clean-env) $(srctree)/scripts/randconfig-boot $(if $(N),-n $(N)) \
		$(if $(SEED),--seed $(SEED))

# make bench VARIANT=rt | BASE=rev | ONLY=row,row
bench bench-variants:
	@$(srctree)/scripts/setup --quiet --reference
	@cd $(srctree) && $(clean-env) $(srctree)/scripts/bench $(if $(VARIANT),--variant $(VARIANT)) \
		$(if $(BASE),--base $(BASE)) $(if $(ONLY),--only $(ONLY)) $(if $(filter %-variants,$@),--variants)
