/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot tests of page tables, protection, ASIDs and user access. */
#include <arch/cpufeature.h>
#include <arch/current.h>
#include <arch/irqflags.h>
#include <arch/mmu.h>
#include <arch/pgtable.h>
#include <arch/setup.h>
#include <arch/sysreg.h>
#include <arch/tlb.h>
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/cpu.h>
#include <kernel/task.h>
#include <lib/err.h>
#include <lib/string.h>
#include <linux/mman.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <mm/vmap.h>

/* ---- W^X ---- */

/* True if an EL1 walk finds the rights given; executable means PXN is clear. */
static bool mapped(const void *va, bool write, bool exec)
{
	unsigned int level;
	pte_t *pte = kernel_walk((vaddr_t)va, &level);

	return pte && pte_valid(*pte) && pte_write(*pte) == write &&
	       !(pte->v & PTE_PXN) == exec && (pte->v & PTE_UXN) && !pte_user(*pte);
}

static const int some_constant = 5;
static int some_data = 5;

BOOT_TEST(arch, kernel_image_is_w_xor_x)
{
	bt_expect(mapped(_text, false, true));
	bt_expect(mapped((void *)bt_arch_kernel_image_is_w_xor_x, false, true));
	bt_expect(mapped(&some_constant, false, false));
	bt_expect(mapped(&some_data, true, false));
	bt_expect(mapped(__bss_start, true, false));
}

BOOT_TEST(arch, linear_alias_of_text_is_read_only)
{
	const char *alias = (const char *)(PAGE_OFFSET + kimage_to_phys(_text));

	bt_expect(mapped(alias, false, false));
	bt_expect(mapped((const char *)(PAGE_OFFSET + kimage_to_phys(&some_constant)), false,
			 false));
	bt_expect(mapped((const char *)(PAGE_OFFSET + kimage_to_phys(&some_data)), true, false));
	bt_expect_eq(*(const u32 *)alias, *(const u32 *)_text);
}

static u64 count_wx(const pte_t *table, unsigned int level)
{
	u64 found = 0;

	for (unsigned int i = 0; i < PT_ENTRIES; i++) {
		if (!pte_valid(table[i]))
			continue;
		if (level < PT_LEAF && pt_is_table(table[i]))
			found += count_wx(pt_next_table(table[i]), level + 1);
		else if (pte_write(table[i]) && (table[i].v & (PTE_PXN | PTE_UXN)) !=
						(PTE_PXN | PTE_UXN))
			found++;
	}
	return found;
}

BOOT_TEST(arch, no_kernel_page_is_writable_and_executable)
{
	bt_expect_eq(count_wx(swapper_pg_dir, 0), 0);
}

BOOT_TEST(arch, kernel_stacks_have_guard_pages)
{
	char *stack = kstack_alloc();
	unsigned int level;
	pte_t *below;
	char byte;

	bt_assert(stack);
	bt_expect(mapped(stack, true, false));
	bt_expect(mapped(stack + KSTACK_SIZE - 1, true, false));
	below = kernel_walk((vaddr_t)stack - 1, &level);
	bt_expect(!below || !pte_valid(*below));
	bt_expect_eq(copy_from_kernel_nofault(&byte, stack - 1, 1), -EFAULT);
	kstack_free(stack);
	below = kernel_walk((vaddr_t)init_stack_guard, &level);
	bt_expect(below && !pte_valid(*below));
}

BOOT_TEST(arch, page_table_entry_bits)
{
	pte_t pte = pte_mk(0x12345, vm_prot(1 | 2));

	bt_expect(pte_present(pte) && pte_valid(pte) && pte_user(pte) && pte_write(pte));
	bt_expect(!pte_exec(pte) && pte_young(pte) && !pte_cow(pte) && !pte_dirty(pte));
	bt_expect_eq(pte_pfn(pte), 0x12345);
	pte = pte_mkcow(pte_mkdirty(pte));
	bt_expect(!pte_write(pte) && pte_cow(pte) && pte_dirty(pte));
	bt_expect(pte_write(pte_mkwrite(pte_clear_cow(pte))));
	bt_expect(pte_exec(pte_mk(1, vm_prot(1 | 4))));
	/* PROT_NONE is present for us and absent for the CPU. */
	pte = pte_modify(pte, vm_prot(0));
	bt_expect(pte_present(pte) && !pte_valid(pte));
	bt_expect_eq(pte_pfn(pte), 0x12345);
	/* The whole of the user half is reached: index 511 at the top level. */
	bt_expect_eq(pt_index(0, STACK_TOP - 1), 511);
	bt_expect_eq(pt_index(0, 0), 0);
}

/* ---- an address space for this thread ---- */

#define TEST_BASE 0x10000000UL
#define TEST_SIZE (2 * PAGE_SIZE)

static void use_mm(struct mm *mm)
{
	local_irq_disable();
	arch_mm_switch(current->mm, mm, current);
	current->mm = mm;
	current->active_mm = mm;
	this_cpu()->active_mm = mm;
	local_irq_enable();
}

/* Two pages at TEST_BASE, nothing around them. */
static struct mm *enter_user_memory(void)
{
	struct mm *mm = mm_alloc();
	u64 at;

	if (!bt_expect(mm))
		return NULL;
	if (!bt_expect_eq(mm_map(mm, TEST_BASE, TEST_SIZE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0, &at), 0)) {
		mm_put(mm);
		return NULL;
	}
	use_mm(mm);
	return mm;
}

static void leave_user_memory(struct mm *mm)
{
	use_mm(NULL);
	mm_put(mm);
}

/* Are the first `done` bytes there (n + i at i), and those up to n zero? */
static bool content_is_exact(const u8 *buf, unsigned int n, unsigned int done)
{
	for (unsigned int i = 0; i < n; i++)
		if (!bt_expect_eq(buf[i], i < done ? (u8)(n + i) : 0))
			return false;
	return true;
}

/* The last `left` of n bytes lie beyond the mapping. */
static bool counts_are_exact(u8 *buf, unsigned int n, unsigned int left)
{
	u64 at = TEST_BASE + TEST_SIZE - (n - left);

	for (unsigned int i = 0; i < n; i++)
		buf[i] = (u8)(n + i);
	return bt_expect_eq(copy_to_user((void __user *)at, buf, n), left) &&
	       bt_expect_eq(copy_from_user(buf, (void __user *)at, n), left) &&
	       content_is_exact(buf, n, n - left) &&
	       bt_expect_eq(clear_user((void __user *)at, n), left) &&
	       bt_expect_eq(copy_from_user(buf, (void __user *)at, n), left) &&
	       content_is_exact(buf, n, 0);
}

BOOT_TEST(arch, user_copy_counts_are_exact)
{
	u8 *buf = kzalloc(256, GFP_KERNEL);
	struct mm *mm;

	bt_assert(buf);
	mm = enter_user_memory();
	/* Two rounds of the long loop; and 127, which takes each of the shorter steps once. */
	for (unsigned int left = 0; mm && left < 127; left++)
		if (!counts_are_exact(buf, 130, left) || !counts_are_exact(buf, 127, left))
			break;
	if (mm)
		leave_user_memory(mm);
	kfree(buf);
}

BOOT_TEST(arch, user_copy_zeroes_what_it_could_not_read)
{
	struct mm *mm = enter_user_memory();
	u8 buf[16];

	if (!mm)
		return;
	memset(buf, 0xaa, sizeof(buf));
	bt_expect_eq(copy_from_user(buf, (void __user *)(TEST_BASE + TEST_SIZE - 4), 16), 12);
	bt_expect(!memchr_inv(buf, 0, sizeof(buf)));
	memset(buf, 0xaa, sizeof(buf));
	bt_expect_eq(copy_from_user(buf, (void __user *)~0UL, 16), 16);
	bt_expect(!memchr_inv(buf, 0, sizeof(buf)));
	leave_user_memory(mm);
}

BOOT_TEST(arch, user_access_refuses_kernel_addresses)
{
	struct mm *mm = enter_user_memory();
	int v = 1;

	if (!mm)
		return;
	bt_expect_eq(get_user(v, (int __user *)&some_data), -EFAULT);
	bt_expect_eq(v, 0);
	bt_expect_eq(put_user(7, (int __user *)&some_data), -EFAULT);
	bt_expect_eq(some_data, 5);
	bt_expect_eq(copy_to_user((void __user *)&some_data, &v, 4), 4);
	bt_expect(!access_ok(TASK_SIZE - 1, 2));
	bt_expect(access_ok(TASK_SIZE - 1, 1));
	bt_expect(!access_ok(1, ~0UL));
	leave_user_memory(mm);
}

BOOT_TEST(arch, user_strings)
{
	struct mm *mm = enter_user_memory();
	char __user *end = (char __user *)(TEST_BASE + TEST_SIZE);
	char buf[32];

	if (!mm)
		return;
	bt_expect_eq(copy_to_user(end - 12, "hello world", 12), 0);
	bt_expect_eq(strncpy_from_user(buf, end - 12, sizeof(buf)), 11);
	bt_expect(!strcmp(buf, "hello world"));
	bt_expect_eq(strncpy_from_user(buf, end - 12, 5), 5);
	bt_expect_eq(strnlen_user(end - 12, 100), 12);
	bt_expect_eq(strnlen_user(end - 12, 4), 5);
	bt_expect_eq(strnlen_user(end - 4, 2), 3);
	bt_expect_eq(strnlen_user(end - 6, 3), 4);
	bt_expect_eq(copy_to_user((void __user *)TEST_BASE, "words", 6), 0);
	bt_expect_eq(strnlen_user((char __user *)TEST_BASE, 3), 4);
	bt_expect_eq(strncpy_from_user(buf, (char __user *)TEST_BASE, sizeof(buf)), 5);
	/* Not terminated before the end of the mapping. */
	bt_expect_eq(put_user('!', end - 1), 0);
	bt_expect_eq(strncpy_from_user(buf, end - 12, sizeof(buf)), -EFAULT);
	bt_expect_eq(strnlen_user(end - 12, 100), 0);
	leave_user_memory(mm);
}

BOOT_TEST(arch, user_atomics)
{
	struct mm *mm = enter_user_memory();
	u32 __user *word = (u32 __user *)TEST_BASE;
	u32 found = 0;

	if (!mm)
		return;
	bt_expect_eq(put_user(5u, word), 0);
	bt_expect_eq(user_cmpxchg32(word, 4, 9, &found), 0);
	bt_expect_eq(found, 5);
	bt_expect_eq(user_cmpxchg32(word, 5, 9, &found), 0);
	bt_expect_eq(user_atomic_op(USER_OP_ADD, 3, word, &found), 0);
	bt_expect_eq(found, 9);
	bt_expect_eq(user_atomic_op(USER_OP_ANDN, 4, word, &found), 0);
	bt_expect_eq(get_user(found, word), 0);
	bt_expect_eq(found, 8);
	bt_expect_eq(user_atomic_op(99, 0, word, &found), -ENOSYS);
	bt_expect_eq(user_cmpxchg32((u32 __user *)(TEST_BASE + 2), 0, 0, &found), -EFAULT);
	leave_user_memory(mm);
}

BOOT_TEST(arch, nofault_access_does_not_page_in)
{
	struct mm *mm = enter_user_memory();
	u32 v = 0;

	if (!mm)
		return;
	bt_expect_eq(copy_from_user_nofault(&v, (void __user *)TEST_BASE, 4), -EFAULT);
	bt_expect_eq(put_user(17u, (u32 __user *)TEST_BASE), 0);
	bt_expect_eq(copy_from_user_nofault(&v, (void __user *)TEST_BASE, 4), 0);
	bt_expect_eq(v, 17);
	bt_expect_eq(copy_from_user_nofault(&v, (void __user *)&some_data, 4), -EFAULT);
	bt_expect_eq(copy_to_user_nofault((void __user *)&some_data, &v, 4), -EFAULT);
	pagefault_disable();
	bt_expect_eq(get_user(v, (u32 __user *)(TEST_BASE + PAGE_SIZE)), -EFAULT);
	pagefault_enable();
	leave_user_memory(mm);
}

/* ---- address spaces ---- */

BOOT_TEST(arch, asids_are_unique)
{
	enum { N = 8 };
	struct mm *mm[N];
	unsigned int n;

	for (n = 0; n < N; n++) {
		mm[n] = mm_alloc();
		if (!bt_expect(mm[n]))
			break;
		use_mm(mm[n]);
		bt_expect_eq(read_sysreg(ttbr0_el1) >> 48, mm[n]->ctx.asid & 0xffff);
		for (unsigned int i = 0; i < n; i++)
			bt_expect((mm[i]->ctx.asid ^ mm[n]->ctx.asid) & 0xffff);
		bt_expect(mm[n]->ctx.asid & 0xffff);
	}
	use_mm(NULL);
	bt_expect_eq(read_sysreg(ttbr0_el1), kimage_to_phys(empty_pg_dir));
	while (n-- > 0)
		mm_put(mm[n]);
}

/* Two address spaces show different memory at one address, whatever the TLB remembers. */
BOOT_TEST(arch, asids_keep_address_spaces_apart)
{
	struct mm *a = enter_user_memory(), *b;
	u32 v = 0;

	if (!a)
		return;
	bt_expect_eq(put_user(1u, (u32 __user *)TEST_BASE), 0);
	b = enter_user_memory();
	if (b) {
		bt_expect_eq(get_user(v, (u32 __user *)TEST_BASE), 0);
		bt_expect_eq(v, 0);
		bt_expect_eq(put_user(2u, (u32 __user *)TEST_BASE), 0);
		use_mm(a);
		bt_expect_eq(get_user(v, (u32 __user *)TEST_BASE), 0);
		bt_expect_eq(v, 1);
		use_mm(b);
		bt_expect_eq(get_user(v, (u32 __user *)TEST_BASE), 0);
		bt_expect_eq(v, 2);
		use_mm(NULL);
		mm_put(b);
	}
	use_mm(NULL);
	mm_put(a);
}

/* What the TLB remembers of a loaded address space must not outlive a change of it. */
BOOT_TEST(arch, changes_reach_the_tlb)
{
	struct mm *mm = enter_user_memory(), *child;
	u32 __user *word = (u32 __user *)TEST_BASE;
	u32 v = 0;

	if (!mm)
		return;
	bt_expect_eq(put_user(1u, word), 0);
	child = mm_dup(mm);
	if (bt_expect(!IS_ERR(child))) {
		bt_expect_eq(put_user(2u, word), 0);
		bt_expect_eq(mm_access(child, TEST_BASE, &v, sizeof(v), 0), sizeof(v));
		bt_expect_eq(v, 1);
		mm_put(child);
	}
	bt_expect_eq(put_user(3u, word), 0);
	bt_expect_eq(mm_protect(mm, TEST_BASE, PAGE_SIZE, PROT_READ), 0);
	bt_expect_eq(put_user(4u, word), -EFAULT);
	bt_expect_eq(get_user(v, word), 0);
	bt_expect_eq(v, 3);
	bt_expect_eq(mm_unmap(mm, TEST_BASE, PAGE_SIZE), 0);
	bt_expect_eq(get_user(v, word), -EFAULT);
	leave_user_memory(mm);
}

/* More address spaces than 8-bit ASIDs: a generation ends, nothing gets mixed up. */
BOOT_TEST(arch, asid_rollover)
{
	struct mm *keep = enter_user_memory();
	u32 v = 0;

	if (!keep)
		return;
	bt_expect_eq(put_user(77u, (u32 __user *)TEST_BASE), 0);
	for (unsigned int i = 0; i < 600; i++) {
		struct mm *mm = mm_alloc();

		if (!bt_expect(mm))
			break;
		use_mm(mm);
		use_mm(keep);
		mm_put(mm);
	}
	bt_expect_eq(get_user(v, (u32 __user *)TEST_BASE), 0);
	bt_expect_eq(v, 77);
	if (!cpu_has(CPU_FEAT_ASID16))
		bt_expect(keep->ctx.asid >> 16 > 1);
	leave_user_memory(keep);
}
