/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader to start_kernel(). Entered by the Linux arm64 boot
 * protocol: MMU and data cache off, x0 = physical address of the device tree,
 * at EL2 or EL1, loaded at any 2 MiB boundary. Until the jump to
 * primary_virtual everything runs at physical addresses, PC-relative.
 *
 * Page tables built here: the kernel image by 4 KiB pages, writable and
 * executable (paging_init() tightens them in place: only permissions change, so
 * the tables need not be switched), and an identity map of its first 2 MiB.
 */
#include <generated/asm-offsets.h>
#include <arch/asm.h>
#include <arch/layout.h>
#include <arch/sysreg.h>

#define IMAGE_FLAGS	0xa	/* little endian, 4 KiB pages, any physical place */
#define SCTLR_MMU_OFF	(SCTLR_RES1 | SCTLR_SPAN)
#define SCTLR_MMU_ON	(SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA | SCTLR_SA0 | \
			 SCTLR_DZE | SCTLR_UCT | SCTLR_UCI | SCTLR_NTWE)
/* 48-bit halves, 4 KiB granules, inner shareable write-back walks, top byte ignored at EL0. */
#define TCR_BASE	((64 - VA_BITS) | ((64 - VA_BITS) << 16) | (1 << 8) | (1 << 10) | \
			 (3 << 12) | (1 << 24) | (1 << 26) | (3 << 28) | (2 << 30) | (1 << 37))
#define TCR_AS_BIT	36
#define TCR_HA_BIT	39
#define SPSR_EL1H_MASKED 0x3c5
#define L0_INDEX(va)	(((va) >> 39) & 511)
#define L1_INDEX(va)	(((va) >> 30) & 511)

	.section .head.text, "ax"
	b	primary_entry
	.long	0
	.quad	0			// text_offset
	.quad	__image_size
	.quad	IMAGE_FLAGS
	.quad	0
	.quad	0
	.quad	0
	.ascii	"ARM\x64"
	.long	0

LOCAL_FUNC(primary_entry)
	mov	x21, x0			// x21: device tree, physical
	bl	el2_drop
	mov	x22, x0			// x22: exception level we came from
	adrp	x24, _text		// x24: physical base of the image
	bl	clear_bss
	bl	create_tables		// x26: identity map
	bl	cpu_setup
	mov	x1, x26
	bl	enable_mmu
	ldr	x8, =primary_virtual
	br	x8
END(primary_entry)

/*
 * Leaves EL2 for EL1 with nothing of EL2 in the way of EL1 or EL0. Returns to
 * the caller at EL1 with x0 = the level it was called at. MMU off. Clobbers x9-x11.
 */
FUNC(el2_drop)
	mov_q	x10, SCTLR_MMU_OFF
	mrs	x9, CurrentEL
	lsr	x9, x9, #2
	cmp	x9, #2
	b.eq	1f
	msr	sctlr_el1, x10
	isb
	mov	x0, x9
	ret
1:	msr	sctlr_el1, x10
	mov	x10, #(1 << 31)		// HCR: EL1 is AArch64
	mrs	x11, id_aa64isar1_el1	// pointer authentication: do not trap it
	mov_q	x9, 0xff000ff0
	tst	x11, x9
	b.eq	2f
	orr	x10, x10, #(3 << 40)
2:	msr	hcr_el2, x10
	isb
	mov	x10, #3			// physical counter and timer for EL1
	msr	cnthctl_el2, x10
	msr	cntvoff_el2, xzr
	mov	x10, #0x33ff		// no traps of FP
	msr	cptr_el2, x10
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mrs	x10, midr_el1
	msr	vpidr_el2, x10
	mrs	x10, mpidr_el1
	msr	vmpidr_el2, x10
	mrs	x10, id_aa64dfr0_el1	// performance counters: all of them to EL1
	ubfx	x10, x10, #8, #4
	sub	x10, x10, #1
	cmp	x10, #14		// 0 and 15 mean none
	mov	x11, #0
	b.hs	3f
	mrs	x11, pmcr_el0
	ubfx	x11, x11, #11, #5
3:	msr	mdcr_el2, x11
	mrs	x10, id_aa64mmfr0_el1	// fine-grained traps: none
	ubfx	x10, x10, #56, #4
	cbz	x10, 4f
	msr	SYS_HFGRTR_EL2, xzr
	msr	SYS_HFGWTR_EL2, xzr
	msr	SYS_HFGITR_EL2, xzr
	msr	SYS_HDFGRTR_EL2, xzr
	msr	SYS_HDFGWTR_EL2, xzr
4:	mrs	x10, id_aa64pfr0_el1	// GICv3: system registers for EL1
	ubfx	x10, x10, #24, #4
	cbz	x10, 5f
	mrs	x10, SYS_ICC_SRE_EL2
	orr	x10, x10, #1		// SRE
	orr	x10, x10, #8		// and let EL1 choose
	msr	SYS_ICC_SRE_EL2, x10
	isb
	msr	SYS_ICH_HCR_EL2, xzr
5:	mov	x10, #SPSR_EL1H_MASKED
	msr	spsr_el2, x10
	msr	elr_el2, x30
	mov	x0, #2
	eret
END(el2_drop)

/*
 * The MMU is off, so the zeros go to memory; lines the caches may still hold of
 * it are dropped. Clobbers x0-x4.
 */
LOCAL_FUNC(clear_bss)
	adrp	x0, __bss_start
	adrp	x1, __bss_stop		// both page aligned
	mov	x2, x0
1:	cmp	x2, x1
	b.hs	2f
	stp	xzr, xzr, [x2], #16
	stp	xzr, xzr, [x2], #16
	stp	xzr, xzr, [x2], #16
	stp	xzr, xzr, [x2], #16
	b	1b
2:	mrs	x3, ctr_el0		// smallest data cache line
	ubfx	x3, x3, #16, #4
	mov	x4, #4
	lsl	x3, x4, x3
3:	dc	ivac, x0
	add	x0, x0, x3
	cmp	x0, x1
	b.lo	3b
	dsb	sy
	ret
END(clear_bss)

/* x25: next free page of the pool. */
.macro table_page reg
	mov	\reg, x25
	add	x25, x25, #PAGE_SIZE
.endm

/* Makes entry `index` of `table` point at a new table, whose address is in \next. */
.macro table_link table, index, next, tmp
	table_page \next
	orr	\tmp, \next, #3
	str	\tmp, [\table, \index, lsl #3]
.endm

/* x24: image base. Returns x26 = identity map. Clobbers x0-x7, x25. */
LOCAL_FUNC(create_tables)
	adr_l	x25, early_pt_pool

	/* The kernel image. */
	adr_l	x0, swapper_pg_dir
	mov	x1, #L0_INDEX(KIMAGE_VADDR)
	table_link x0, x1, x2, x3
	mov	x1, #L1_INDEX(KIMAGE_VADDR)
	table_link x2, x1, x0, x3	// x0: level 2, filled from its first entry
	mov	x1, x24			// x1: physical address to map
	adrp	x2, _end
	mov_q	x6, PTE_EARLY_PAGE
1:	table_page x3
	orr	x4, x3, #3
	str	x4, [x0], #8
	mov	x5, #512
2:	orr	x4, x1, x6
	str	x4, [x3], #8
	add	x1, x1, #PAGE_SIZE
	cmp	x1, x2
	b.hs	3f
	subs	x5, x5, #1
	b.ne	2b
	b	1b

	/* The identity map; its three pages come last, so that they can be taken back. */
3:	table_page x26
	ubfx	x1, x24, #39, #9
	table_link x26, x1, x2, x3
	ubfx	x1, x24, #30, #9
	table_link x2, x1, x0, x3
	ubfx	x1, x24, #21, #9
	mov_q	x6, PTE_EARLY_BLOCK
	orr	x4, x24, x6
	str	x4, [x0, x1, lsl #3]

	adr_l	x0, early_pt_next
	str	x25, [x0]
	adr_l	x0, idmap_phys
	str	x26, [x0]
	dsb	sy
	ret
END(create_tables)

/* The registers of translation and of what EL0 may do. Clobbers x9-x11. */
LOCAL_FUNC(cpu_setup)
	tlbi	vmalle1
	dsb	nsh
	mov	x9, #CPACR_FP_TRAP_EL0
	msr	cpacr_el1, x9
	mov	x9, #(1 << 12)		// no debug communication channel for EL0
	msr	mdscr_el1, x9
	mrs	x9, id_aa64dfr0_el1
	ubfx	x9, x9, #8, #4
	sub	x9, x9, #1
	cmp	x9, #14
	b.hs	1f
	msr	pmuserenr_el0, xzr
1:	msr	tpidr_el0, xzr
	msr	tpidrro_el0, xzr
	mov	x9, #2			// EL0 may read the virtual counter
	msr	cntkctl_el1, x9
	mov_q	x9, MAIR_EARLY
	msr	mair_el1, x9
	mov_q	x9, TCR_BASE
	mrs	x10, id_aa64mmfr0_el1
	ubfx	x11, x10, #0, #4	// physical address size, at most 48 bits
	cmp	x11, #5
	b.ls	2f
	mov	x11, #5
2:	bfi	x9, x11, #32, #3
	ubfx	x11, x10, #4, #4	// 16-bit ASIDs
	cmp	x11, #2
	b.ne	3f
	orr	x9, x9, #(1 << TCR_AS_BIT)
3:	mrs	x10, id_aa64mmfr1_el1	// access flag by hardware
	ubfx	x11, x10, #0, #4
	cbz	x11, 4f
	orr	x9, x9, #(1 << TCR_HA_BIT)
4:	msr	tcr_el1, x9
	isb
	ret
END(cpu_setup)

/* x1: TTBR0. Returns at the same (identity mapped) address. Clobbers x9. */
LOCAL_FUNC(enable_mmu)
	msr	ttbr0_el1, x1
	adrp	x9, swapper_pg_dir
	msr	ttbr1_el1, x9
	isb
	mov_q	x9, SCTLR_MMU_ON
	msr	sctlr_el1, x9
	isb
	ic	iallu
	dsb	nsh
	isb
	ret
END(enable_mmu)

/* On virtual addresses from here on. */
LOCAL_FUNC(primary_virtual)
	adr_l	x0, vectors
	msr	vbar_el1, x0
	adrp	x0, empty_pg_dir	// leave the identity map
	ldr	x1, =KIMAGE_VADDR
	sub	x1, x1, x24		// virtual - physical
	adr_l	x2, kimage_voffset
	str	x1, [x2]
	sub	x0, x0, x1
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	adr_l	x0, fdt_phys
	str	x21, [x0]
	adr_l	x0, boot_el
	str	w22, [x0]

	mrs	x0, cntvct_el0		// the stack protector's guard: a guess is enough
	mov_q	x1, 0x9e3779b97f4a7c15
	mul	x0, x0, x1
	eor	x0, x0, x0, lsr #29
	lsl	x0, x0, #8		// a zero byte stops string overruns
	adr_l	x1, __stack_chk_guard
	str	x0, [x1]

	adr_l	x0, init_task
	adr_l	x1, cpus
	adr_l	x2, init_stack
	str	x2, [x0, #TASK_KSTACK]
	str	x0, [x1, #CPU_CURRENT]
	adr_l	x3, boot_overflow_stack + OVERFLOW_STACK_SIZE
	str	x3, [x1, #CPU_OVERFLOW_STACK]
	msr	sp_el0, x0
	msr	tpidr_el1, x1
	add	x2, x2, #KSTACK_SIZE
	sub	sp, x2, #FRAME_SIZE
	mov	x29, xzr
	mov	x30, xzr
	msr	daifclr, #4		// SErrors are reported from now on
	bl	start_kernel
	b	.
END(primary_virtual)

#ifdef CONFIG_SMP
/*
 * A CPU that PSCI switched on; x0 = physical address of its struct
 * secondary_boot { stack_top, task, cpu } (smp.c), cleaned to memory.
 */
FUNC(secondary_entry)
	mov	x21, x0
	bl	el2_drop
	bl	cpu_setup
	adr_l	x1, idmap_phys
	ldr	x1, [x1]
	adrp	x24, _text
	ldp	x19, x20, [x21]		// x19: stack top, x20: task
	ldr	x23, [x21, #16]		// x23: struct cpu
	bl	enable_mmu
	ldr	x8, =secondary_virtual
	br	x8
END(secondary_entry)

LOCAL_FUNC(secondary_virtual)
	adr_l	x0, vectors
	msr	vbar_el1, x0
	adrp	x0, empty_pg_dir
	ldr	x1, =KIMAGE_VADDR
	sub	x1, x1, x24
	sub	x0, x0, x1
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	sp_el0, x20
	msr	tpidr_el1, x23
	str	x20, [x23, #CPU_CURRENT]
	sub	sp, x19, #FRAME_SIZE
	mov	x29, xzr
	mov	x30, xzr
	msr	daifclr, #4
	bl	secondary_start
	b	.
END(secondary_virtual)
#endif

	.ltorg

	.section .bss..page_aligned, "aw", %nobits
	.globl	swapper_pg_dir, empty_pg_dir, early_pt_pool, init_stack_guard, init_stack
	.balign	PAGE_SIZE
swapper_pg_dir:
	.space	PAGE_SIZE
empty_pg_dir:
	.space	PAGE_SIZE
early_pt_pool:
	.space	EARLY_PT_PAGES * PAGE_SIZE
init_stack_guard:			// unmapped by paging_init()
	.space	PAGE_SIZE
init_stack:
	.space	KSTACK_SIZE
boot_overflow_stack:
	.space	OVERFLOW_STACK_SIZE

	.section .bss..ro_after_init, "aw", %nobits
	.globl	early_pt_next, idmap_phys, fdt_phys, boot_el, kimage_voffset
	.balign	8
early_pt_next:	.quad	0		// physical
idmap_phys:	.quad	0
fdt_phys:	.quad	0
kimage_voffset:	.quad	0
boot_el:	.long	0
	.balign	8
