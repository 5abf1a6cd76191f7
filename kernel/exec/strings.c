/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The string area of execve: file name, environment and arguments, gathered in kernel
 * pages from the top of the future stack downwards, then written there with the vectors
 * that point at them. Layout as Linux's, from high to low addresses:
 *
 *	8 zero bytes | file name | environment | arguments | gap | "aarch64" | 16 random
 *	bytes | gap | auxv | envp[] | argv[] | argc		<- sp, 16-byte aligned
 */
#include <arch/elf.h>
#include <arch/uaccess.h>
#include <kernel/boottest.h>
#include <kernel/cred.h>
#include <kernel/exec.h>
#include <kernel/random.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/slab.h>

#define MIN_SIGSTACK	5120		/* AT_MINSIGSTKSZ: frame with FP state and reserve */

/* Kernel address of the byte at `distance` (1 is the highest byte), and how many follow it. */
static char *area_at(struct exec *exec, unsigned long distance, size_t *room)
{
	unsigned long page = (distance - 1) / PAGE_SIZE;
	size_t offset = PAGE_SIZE - 1 - (distance - 1) % PAGE_SIZE;

	*room = PAGE_SIZE - offset;
	return (char *)exec->pages[page] + offset;
}

/* Backs the area down to `distance` with pages. */
static int area_extend(struct exec *exec, unsigned long distance)
{
	u32 need = (u32)((distance + PAGE_SIZE - 1) / PAGE_SIZE);

	if (!exec->pages) {
		u32 slots = (u32)((exec->limit + PAGE_SIZE - 1) / PAGE_SIZE) + 1;

		exec->pages = kvzalloc(slots * sizeof(void *), GFP_KERNEL);
		if (!exec->pages)
			return -ENOMEM;
	}
	while (exec->nr_pages < need) {
		exec->pages[exec->nr_pages] = get_free_pages(GFP_USER, 0);
		if (!exec->pages[exec->nr_pages])
			return -ENOMEM;
		exec->nr_pages++;
	}
	return 0;
}

/* Room for `len` more bytes at the bottom. */
static int area_reserve(struct exec *exec, size_t len)
{
	if (len > exec->limit || exec->used > exec->limit - len)
		return -E2BIG;
	return area_extend(exec, exec->used + len);
}

int exec_push(struct exec *exec, const char *string)
{
	size_t len = strlen(string) + 1, done = 0, room;
	int error = len > MAX_ARG_STRLEN ? -E2BIG : area_reserve(exec, len);

	if (error)
		return error;
	exec->used += len;
	while (done < len) {
		char *to = area_at(exec, exec->used - done, &room);

		room = min(room, len - done);
		memcpy(to, string + done, room);
		done += room;
	}
	return 0;
}

int exec_push_user(struct exec *exec, const char __user *string)
{
	long len = strnlen_user(string, MAX_ARG_STRLEN);
	size_t done = 0, room;
	int error;

	if (!len)
		return -EFAULT;
	if (len > MAX_ARG_STRLEN)
		return -E2BIG;
	error = area_reserve(exec, (size_t)len);
	if (error)
		return error;
	exec->used += (size_t)len;
	while (done < (size_t)len) {
		char *to = area_at(exec, exec->used - done, &room);

		room = min(room, (size_t)len - done);
		if (copy_from_user(to, string + done, room))
			return -EFAULT;
		done += room;
	}
	/* Another thread may have changed it meanwhile: the counting of strings relies on it. */
	*area_at(exec, exec->used - (size_t)len + 1, &room) = '\0';
	return 0;
}

/* Bytes of the string that begins at `distance`, NUL included; 0 if it has no end. */
static size_t area_strlen(struct exec *exec, unsigned long distance)
{
	size_t total = 0, room;

	while (distance > total) {
		char *at = area_at(exec, distance - total, &room);
		char *nul = memchr(at, '\0', room);

		if (nul)
			return total + (size_t)(nul - at) + 1;
		total += room;
	}
	return 0;
}

void exec_pop(struct exec *exec)
{
	exec->used -= area_strlen(exec, exec->used);
}

void exec_free_strings(struct exec *exec)
{
	for (u32 i = 0; i < exec->nr_pages; i++)
		free_page(exec->pages[i]);
	kvfree(exec->pages);
	exec->pages = NULL;
	exec->nr_pages = 0;
}

/* --- The stack --- */

/* Writes to the new mm; anything short is out of memory or beyond the stack's limit. */
static int stack_write(struct exec *exec, vaddr_t at, void *from, size_t len)
{
	ssize_t done = mm_access(exec->mm, at, from, len, MM_ACCESS_WRITE);

	if (done < 0)
		return done == -EINTR ? -EINTR : -ENOMEM;
	return (size_t)done == len ? 0 : -ENOMEM;
}

/* Highest pages first, so that the stack grows in steps. */
static int stack_write_strings(struct exec *exec)
{
	unsigned long done = 0;

	while (done < exec->used) {
		unsigned long step = min(exec->used - done, (unsigned long)PAGE_SIZE);
		size_t room;
		int error = stack_write(exec, exec->stack_top - done - step,
					area_at(exec, done + step, &room), step);

		if (error)
			return error;
		done += step;
	}
	return 0;
}

struct auxv_builder {
	u64 *pair;
};

static void aux(struct auxv_builder *b, u64 type, u64 value)
{
	*b->pair++ = type;
	*b->pair++ = value;
}

static void auxv_fill(struct exec *exec, const struct exec_image *image, vaddr_t platform,
		      vaddr_t random)
{
	const struct cred *cred = exec->cred;
	struct mm *mm = exec->mm;
	struct auxv_builder b = { mm->auxv };

	memset(mm->auxv, 0, sizeof(mm->auxv));
	if (mm->vdso)
		aux(&b, AT_SYSINFO_EHDR, mm->vdso);
	aux(&b, AT_MINSIGSTKSZ, MIN_SIGSTACK);
	aux(&b, AT_HWCAP, ELF_HWCAP);
	aux(&b, AT_PAGESZ, PAGE_SIZE);
	aux(&b, AT_CLKTCK, USER_HZ);
	aux(&b, AT_PHDR, image->phdr);
	aux(&b, AT_PHENT, sizeof(Elf64_Phdr));
	aux(&b, AT_PHNUM, image->phnum);
	aux(&b, AT_BASE, image->interp_base);
	aux(&b, AT_FLAGS, 0);
	aux(&b, AT_ENTRY, image->entry);
	aux(&b, AT_UID, cred->uid);
	aux(&b, AT_EUID, cred->euid);
	aux(&b, AT_GID, cred->gid);
	aux(&b, AT_EGID, cred->egid);
	aux(&b, AT_SECURE, exec->secure);
	aux(&b, AT_RANDOM, random);
	aux(&b, AT_HWCAP2, ELF_HWCAP2);
	aux(&b, AT_EXECFN, exec->stack_top - exec->execfn_used);
	aux(&b, AT_PLATFORM, platform);
	aux(&b, AT_NULL, 0);
	_Static_assert(MM_AUXV_WORDS >= 2 * 24, "room for the auxiliary vector");
}

static size_t auxv_words(const u64 *auxv)
{
	size_t words = 0;

	while (auxv[words] != AT_NULL)
		words += 2;
	return words + 2;
}

/* argc, argv[], envp[], auxv as they will stand at sp; `strings` is the lowest string. */
static u64 *vectors_build(struct exec *exec, vaddr_t strings, size_t *bytes)
{
	size_t aux_len = auxv_words(exec->mm->auxv);
	size_t words = 1 + exec->argc + 1 + exec->envc + 1 + aux_len;
	unsigned long distance = exec->used;
	u64 *vector = kvmalloc(words * sizeof(u64), GFP_KERNEL), *v = vector;

	if (!vector)
		return NULL;
	*v++ = exec->argc;
	for (u32 i = 0; i < exec->argc; i++, distance -= area_strlen(exec, distance))
		*v++ = strings + (exec->used - distance);
	*v++ = 0;
	exec->mm->arg_start = strings;
	exec->mm->arg_end = exec->mm->env_start = exec->stack_top - distance;
	for (u32 i = 0; i < exec->envc; i++, distance -= area_strlen(exec, distance))
		*v++ = strings + (exec->used - distance);
	*v++ = 0;
	exec->mm->env_end = exec->stack_top - distance;
	memcpy(v, exec->mm->auxv, aux_len * sizeof(u64));
	*bytes = words * sizeof(u64);
	return vector;
}

int exec_build_stack(struct exec *exec, const struct exec_image *image)
{
	struct { char platform[8]; u8 random[16]; } extra;
	vaddr_t strings = exec->stack_top - exec->used, extras;
	size_t bytes;
	u64 *vector;
	int error = stack_write_strings(exec);

	if (error)
		return error;
	extras = strings;
	if (exec->mm->randomize)
		extras -= get_random_u64() % 8192;
	extras = (extras & ~0xfUL) - sizeof(extra);
	_Static_assert(sizeof(ELF_PLATFORM) == sizeof(extra.platform), "platform string");
	memcpy(extra.platform, ELF_PLATFORM, sizeof(extra.platform));
	get_random_bytes(extra.random, sizeof(extra.random));
	error = stack_write(exec, extras, &extra, sizeof(extra));
	if (error)
		return error;

	auxv_fill(exec, image, extras, extras + sizeof(extra.platform));
	vector = vectors_build(exec, strings, &bytes);
	if (!vector)
		return -ENOMEM;
	exec->sp = (extras - bytes) & ~0xfUL;
	exec->mm->start_stack = exec->sp;
	error = stack_write(exec, exec->sp, vector, bytes);
	kvfree(vector);
	return error;
}

BOOT_TEST(exec, strings)
{
	struct exec exec = { .limit = 4 * PAGE_SIZE };
	char *big = kmalloc(PAGE_SIZE + 10, GFP_KERNEL);
	size_t room;

	bt_assert(big);
	bt_expect_eq(exec_push(&exec, "environment"), 0);
	bt_expect_eq(exec.used, 12);
	bt_expect(!strcmp(area_at(&exec, 12, &room), "environment"));

	/* Over a page boundary, and away again. */
	memset(big, 'x', PAGE_SIZE + 9);
	big[PAGE_SIZE + 9] = '\0';
	bt_expect_eq(exec_push(&exec, big), 0);
	bt_expect_eq(area_strlen(&exec, exec.used), PAGE_SIZE + 10);
	bt_expect_eq(exec.nr_pages, 2);
	exec_pop(&exec);
	bt_expect_eq(exec.used, 12);
	bt_expect_eq(area_strlen(&exec, exec.used), 12);

	/* The limit. */
	for (int i = 0; i < 3; i++)
		bt_expect_eq(exec_push(&exec, big), 0);
	bt_expect_eq(exec_push(&exec, big), -E2BIG);
	exec_free_strings(&exec);
	kfree(big);
}
