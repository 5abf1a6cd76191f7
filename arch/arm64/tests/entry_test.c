/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot tests of exceptions: vectors, fix-ups, frames, CPU features, FP state. */
#include <arch/cpufeature.h>
#include <arch/current.h>
#include <arch/elf.h>
#include <arch/entry.h>
#include <arch/esr.h>
#include <arch/extable.h>
#include <arch/fpsimd.h>
#include <arch/frame.h>
#include <arch/irqflags.h>
#include <arch/patch.h>
#include <arch/static_key.h>
#include <arch/sysreg.h>
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/cpu.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <asm/hwcap.h>
#include <trace/counters.h>

BOOT_TEST(arch, vectors_installed)
{
	bt_expect_eq(read_sysreg(vbar_el1), (u64)vectors);
	bt_expect_eq((u64)vectors % 2048, 0);
	bt_expect_eq(read_sysreg(CurrentEL) >> 2, 1);
	bt_expect_eq(read_sysreg(spsel), 1);
}

BOOT_TEST(arch, current_and_cpu_registers)
{
	bt_expect_eq(read_sysreg(sp_el0), (u64)current);
	bt_expect_eq(read_sysreg(tpidr_el1), (u64)&cpus[cpu_id()]);
	bt_expect(this_cpu()->current_task == current);
	bt_expect_eq(read_sysreg(tpidrro_el0), 0);
}

BOOT_TEST(arch, frame_at_top_of_own_stack)
{
	u64 sp = (u64)__builtin_frame_address(0);

	bt_expect(sp > (u64)current->kstack && sp < (u64)task_frame(current));
	bt_expect_eq((u64)task_frame(current) + sizeof(struct trap_frame),
		     (u64)current->kstack + KSTACK_SIZE);
	bt_expect_eq(kernel_stack_top(current) % 16, 0);
}

/* A fault at an address in the table continues at its fix-up. */
BOOT_TEST(arch, kernel_fault_takes_fixup)
{
	u64 before = trace_counter_sum(KERNEL_FAULT_FIXED);
	char buf[8] = "unread";

	bt_expect_eq(copy_from_kernel_nofault(buf, (void *)(VMAP_END - PAGE_SIZE), sizeof(buf)),
		     -EFAULT);
	bt_expect_eq(copy_from_kernel_nofault(buf, NULL, sizeof(buf)), -EFAULT);
	bt_expect(trace_counter_sum(KERNEL_FAULT_FIXED) > before);
	bt_expect_eq(copy_from_kernel_nofault(buf, "seven..", 8), 0);
	bt_expect(!strcmp(buf, "seven.."));
}

BOOT_TEST(arch, undefined_instruction_takes_fixup)
{
	u64 hit = 1;

	__asm__ volatile("1:	udf	#0\n"
			 "	mov	%0, #0\n"
			 "2:\n"
			 EXTABLE("1b", "2b") : "+r"(hit));
	bt_expect_eq(hit, 1);
}

extern const char __start___ex_table[], __stop___ex_table[];

BOOT_TEST(arch, extable_is_sorted_and_found)
{
	u64 last = 0;
	unsigned int n = 0;

	for (const char *e = __start___ex_table; e < __stop___ex_table; e += 8, n++) {
		u64 insn = (u64)e + (u64)(s64)*(const s32 *)e;
		u64 fixup = (u64)e + 4 + (u64)(s64)*(const s32 *)(e + 4);

		if (!bt_expect(insn > last) || !bt_expect_eq(extable_find(insn), fixup))
			return;
		last = insn;
	}
	bt_expect(n > 20);
	bt_expect_eq(extable_find((u64)bt_arch_extable_is_sorted_and_found), 0);
}

BOOT_TEST(arch, exception_class_decode)
{
	bt_expect_eq(ESR_EC(0x56000000), EC_SVC);
	bt_expect_eq(ESR_EC(0x92000047), EC_DATA_ABORT_EL0);
	bt_expect_eq(ESR_EC(0x82000006), EC_INSN_ABORT_EL0);
	bt_expect_eq(ESR_EC(0x96000004), EC_DATA_ABORT_EL1);
	bt_expect_eq(ESR_EC(0xf2000001), EC_BRK64);
	bt_expect_eq(ESR_BRK_IMM(0xf2005512), 0x5512);
}

BOOT_TEST(arch, irq_flags_nest)
{
	unsigned long outer, inner;

	local_irq_save(outer);
	bt_expect(irqs_disabled());
	local_irq_save(inner);
	local_irq_restore(inner);
	bt_expect(irqs_disabled());
	local_irq_restore(outer);
	bt_expect(!irqs_disabled());
}

/* ---- CPU features ---- */

BOOT_TEST(arch, id_register_emulation)
{
	struct trap_frame frame = { 0 };

	/* mrs x3, id_aa64isar0_el1 */
	bt_expect(cpufeature_emulate_mrs(&frame, 0xd5380603));
	bt_expect_eq(frame.regs[3] & ~read_sysreg(id_aa64isar0_el1), 0);
	/* mrs x4, midr_el1 */
	bt_expect(cpufeature_emulate_mrs(&frame, 0xd5380004));
	bt_expect_eq(frame.regs[4], read_sysreg(midr_el1));
	/* mrs xzr, midr_el1 must not touch x30 or sp */
	bt_expect(cpufeature_emulate_mrs(&frame, 0xd538001f));
	bt_expect_eq(frame.sp, 0);
	/* mrs x0, sctlr_el1 and msr are nobody's business */
	bt_expect(!cpufeature_emulate_mrs(&frame, 0xd5381000));
	bt_expect(!cpufeature_emulate_mrs(&frame, 0xd5180600));
}

BOOT_TEST(arch, hwcaps_match_registers)
{
	bool atomics = (read_sysreg(id_aa64isar0_el1) >> 20 & 0xf) >= 2;
	bool fp = (read_sysreg(id_aa64pfr0_el1) >> 16 & 0xf) != 0xf;

	bt_expect(elf_hwcap & HWCAP_CPUID);
	bt_expect_eq(!!(elf_hwcap & HWCAP_ATOMICS), atomics);
	bt_expect_eq(!!(elf_hwcap & HWCAP_FP), fp);
	bt_expect_eq(cpu_has(CPU_FEAT_FP), fp);
	bt_expect(!(elf_hwcap & HWCAP_SVE));
	bt_expect(!strcmp(cpufeature_hwcap_name(0), "fp"));
	bt_expect(!strcmp(cpufeature_hwcap_name(8), "atomics"));
	bt_expect(!cpufeature_hwcap_name(32));
}

BOOT_TEST(arch, el0_may_read_counter_only)
{
	bt_expect_eq(read_sysreg(cntkctl_el1) & 0x303, 2);
	bt_expect(read_sysreg(sctlr_el1) & SCTLR_UCT);
	bt_expect(!(read_sysreg(sctlr_el1) & SCTLR_SPAN));
}

BOOT_TEST(arch, pan_is_on)
{
	u64 pan;

	if (!cpu_has(CPU_FEAT_PAN)) {
		bt_skip("this CPU has no PAN");
		return;
	}
	__asm__ volatile("mrs %0, S3_0_C4_C2_3" : "=r"(pan));
	/* Set by the first exception; a boot thread may not have taken one. */
	bt_expect(pan == 0 || pan == BIT(22));
	bt_expect_eq(*(const u32 *)__copy_from_user, INSN_PAN_OFF);
}

/* ---- code patching ---- */

static struct static_key test_key;

static noinline int key_value(void)
{
	return static_key_enabled(&test_key) ? 1 : 0;
}

BOOT_TEST(arch, static_key_toggles)
{
	bt_expect_eq(key_value(), 0);
	static_key_set(&test_key, true);
	bt_expect_eq(key_value(), 1);
	static_key_set(&test_key, false);
	bt_expect_eq(key_value(), 0);
}

static struct static_key init_key;

static noinline __init int init_key_value(void)
{
	return static_key_enabled(&init_key) ? 1 : 0;
}

/* It is still there now; for the time of the test it counts as given away. */
BOOT_TEST(arch, freed_init_text_is_not_patched)
{
	if (!IS_ENABLED(CONFIG_JUMP_LABEL)) {
		bt_skip("keys are loaded, nothing is patched");
		return;
	}
	static_key_set(&init_key, true);
	bt_expect_eq(init_key_value(), 1);
	static_key_set(&init_key, false);
	patch_init_text_freed(true);
	static_key_set(&init_key, true);
	bt_expect_eq(init_key_value(), 0);
	bt_expect_eq(patch_text((void *)init_key_value, ARM64_NOP), -EINVAL);
	static_key_set(&init_key, false);
	patch_init_text_freed(false);
}

BOOT_TEST(arch, patch_text_refuses_data)
{
	bt_expect_eq(patch_text(&test_key, ARM64_NOP), -EINVAL);
	bt_expect_eq(patch_text((char *)bt_arch_patch_text_refuses_data + 2, ARM64_NOP), -EINVAL);
}

/* ---- FP/SIMD ---- */

BOOT_TEST(arch, fp_state_round_trip)
{
	static struct fp_state in, out;

	if (!cpu_has(CPU_FEAT_FP)) {
		bt_skip("this CPU has no FP");
		return;
	}
	for (unsigned int i = 0; i < sizeof(in.vregs); i++)
		((u8 *)in.vregs)[i] = (u8)(i * 7 + 1);
	in.fpcr = 0x00c00000;
	in.fpsr = 0x10;
	local_irq_disable();
	fpsimd_regs_load(&in);
	fpsimd_regs_save(&out);
	local_irq_enable();
	bt_expect(!memcmp(in.vregs, out.vregs, sizeof(in.vregs)));
	bt_expect_eq(out.fpcr, in.fpcr);
	bt_expect_eq(out.fpsr, in.fpsr);
}

BOOT_TEST(arch, fp_closed_for_those_who_do_not_use_it)
{
	bt_expect(!current->ctx.fpu);
	bt_expect(!current->ctx.fp_live);
	bt_expect_eq(read_sysreg(cpacr_el1) & CPACR_FP_OPEN, CPACR_FP_TRAP_EL0);
	bt_expect(!fpsimd_save_current());
}

BOOT_TEST(arch, fp_restore_gives_a_state)
{
	static struct fp_state state, loaded;

	memset(&state, 0x5a, sizeof(state));
	if (!bt_expect_eq(fpsimd_restore_current(&state), 0))
		return;
	bt_expect_eq(current->ctx.fp_cpu, FP_NO_CPU);	/* to be loaded at the next use */
	bt_expect(fpsimd_save_current() == current->ctx.fpu);
	bt_expect(!memcmp(current->ctx.fpu->vregs, state.vregs, sizeof(state.vregs)));
	/* The first use loads it and opens the unit; giving it up closes it again. */
	bt_expect_eq(fpsimd_trap(), 0);
	bt_expect(current->ctx.fp_live);
	bt_expect_eq(read_sysreg(cpacr_el1) & CPACR_FP_OPEN, CPACR_FP_OPEN);
	local_irq_disable();
	fpsimd_regs_save(&loaded);
	local_irq_enable();
	bt_expect(!memcmp(loaded.vregs, state.vregs, sizeof(state.vregs)));
	fpsimd_flush_current();
	bt_expect(!current->ctx.fpu && !current->ctx.fp_live);
	bt_expect_eq(read_sysreg(cpacr_el1) & CPACR_FP_OPEN, CPACR_FP_TRAP_EL0);
}
