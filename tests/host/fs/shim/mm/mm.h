/* SPDX-License-Identifier: BSD-2-Clause */
/* Host: only what a file system says about its mappings. */
#ifndef MM_MM_H
#define MM_MM_H
#include <mm/page.h>
#include <mm/vm_flags.h>
#include <lib/err.h>
struct vma;
struct file;
struct page_cache;
struct vm_ops {
	int (*mkwrite)(struct vma *vma, struct page *page);
};
struct vm_source {
	struct file *file;
	struct page_cache *cache;
	const struct vm_ops *ops;
	void *private;
	vm_flags_t may, flags;
};
#endif
