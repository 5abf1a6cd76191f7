/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side of the vDSO: its data page and its place in programs. The
 * data page lies right below the image, where its code expects it.
 */
#include <arch/barrier.h>
#include <arch/current.h>
#include <arch/setup.h>
#include <arch/vdso.h>
#include <generated/vdso-offsets.h>
#include <kernel/init.h>
#include <kernel/task.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page.h>

#define MAX_IMAGE_PAGES 4

extern const char vdso_image_start[], vdso_image_end[];

static union {
	struct vdso_data data;
	u8 page[PAGE_SIZE];
} vvar __aligned(PAGE_SIZE) __section(".bss..page_aligned");

static struct page *data_page;
static struct page *image_pages[MAX_IMAGE_PAGES];
static unsigned int nr_image_pages;

void vdso_update_time(const struct vdso_time *t)
{
	struct vdso_data *d = &vvar.data;

	WRITE_ONCE(d->seq, d->seq + 1);         /* odd: readers wait */
	dmb(ishst);
	d->time = *t;
	dmb(ishst);
	WRITE_ONCE(d->seq, d->seq + 1);
}

int vdso_map(struct mm *mm)
{
	u64 len = nr_image_pages * PAGE_SIZE;
	vaddr_t base, vvar_at = mm_find_room(mm, PAGE_SIZE + len);
	int err;

	/* The code finds the data one page below itself: room for one of them is not enough. */
	if ((s64)vvar_at == -ENOMEM)
		return -ENOMEM;
	err = mm_insert_special(mm, vvar_at, PAGE_SIZE, VM_READ | VM_MAYREAD, &data_page,
				"[vvar]", &vvar_at);
	if (err)
		return err;
	err = mm_insert_special(mm, vvar_at + PAGE_SIZE, len,
				VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
				image_pages, "[vdso]", &base);
	if (err)
		return err;
	mm->vdso = base;
	return 0;
}

u64 vdso_sigreturn(void)
{
	return current->mm->vdso ? current->mm->vdso + vdso_offset___kernel_rt_sigreturn : 0;
}

static int vdso_init(void)
{
	nr_image_pages = (unsigned int)((vdso_image_end - vdso_image_start) / PAGE_SIZE);
	if (nr_image_pages > MAX_IMAGE_PAGES)
		return -E2BIG;
	for (unsigned int i = 0; i < nr_image_pages; i++)
		image_pages[i] = pfn_to_page(
			kimage_to_phys(vdso_image_start + i * PAGE_SIZE) >> PAGE_SHIFT);
	data_page = pfn_to_page(kimage_to_phys(&vvar) >> PAGE_SHIFT);
	return 0;
}
core_initcall(vdso_init);
