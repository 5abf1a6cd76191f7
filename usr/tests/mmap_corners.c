/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings at the edges: growing down, populated, locked, advised, moved, promised. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "helpers.h"

#define PAGE 4096
#define MADV_COLD_		20
#define MADV_POPULATE_READ_	22
#define MADV_POPULATE_WRITE_	23

static char *pages(size_t n, int flags)
{
	return MUST(mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0));
}

static size_t resident(char *map, size_t n)
{
	unsigned char vec[64];
	size_t count = 0;

	MUST(mincore(map, n * PAGE, vec));
	for (size_t i = 0; i < n; i++)
		count += vec[i] & 1;
	return count;
}

/* The signal an access dies of, 0 if it does not. */
static int signal_of(volatile char *at, bool write)
{
	int status = IN_CHILD({
		if (write)
			*at = 1;
		else
			(void)*at;
	});

	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(fixed_noreplace)
{
	char *map = pages(3, MAP_PRIVATE);

	MUST(munmap(map + PAGE, PAGE));
	EXPECT_EQ(mmap(map + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		       -1, 0), map + PAGE);
	EXPECT_ERRNO(mmap(map + PAGE, PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	EXPECT_ERRNO(mmap(map - PAGE, 2 * PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
}

TEST(growing_down)
{
	/* Room of 1 MB, the mapping at its upper end. */
	char *room = pages(512, MAP_PRIVATE), *map;

	SKIP_IN_EMULATOR("does not let it grow");
	MUST(munmap(room, 512 * PAGE));
	map = MUST(mmap(room + 510 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0));
	map[0] = 1;
	EXPECT_EQ(signal_of(map - 1, true), 0);
	map[-1] = 2;
	map[-3 * PAGE] = 3;
	EXPECT_EQ(map[-1], 2);
	/* Not into what is below, nor nearer than the guard gap. */
	MUST(mmap(room, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_EQ(signal_of(room + PAGE, true), SIGSEGV);
	EXPECT_EQ(signal_of(room + 300 * PAGE, true), 0);
	EXPECT_EQ(signal_of(room + 16 * PAGE, true), SIGSEGV);
}

TEST(populate)
{
	char *map = pages(16, MAP_PRIVATE | MAP_POPULATE);
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(resident(map, 16), 16);
	map = pages(16, MAP_PRIVATE);
	SKIP_IN_EMULATOR("does not tell pages that were never touched");
	EXPECT_EQ(resident(map, 16), 0);
	EXPECT_EQ(madvise(map, 4 * PAGE, MADV_POPULATE_READ_), 0);
	EXPECT_EQ(resident(map, 16), 4);
	EXPECT_EQ(madvise(map, 8 * PAGE, MADV_POPULATE_WRITE_), 0);
	EXPECT_EQ(resident(map, 16), 8);
	MUST(mprotect(map, PAGE, PROT_READ));
	EXPECT_ERRNO(madvise(map, PAGE, MADV_POPULATE_WRITE_), EINVAL);
	MUST(munmap(map + PAGE, PAGE));
	EXPECT_ERRNO(madvise(map, 3 * PAGE, MADV_POPULATE_READ_), ENOMEM);
	/* Past the end of a file nothing can be had. */
	MUST(ftruncate(fd, PAGE));
	map = MUST(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_ERRNO(madvise(map, 2 * PAGE, MADV_POPULATE_READ_), EFAULT);
}

TEST(locking)
{
	struct rlimit limit = { 8 * PAGE, 8 * PAGE };
	char *map;

	need_root();
	SKIP_IN_EMULATOR("the host's limits");
	EXPECT_EXIT(IN_CHILD({
		MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
		MUST(setresuid(1000, 1000, 1000));
		map = pages(16, MAP_PRIVATE);
		MUST(mlock(map, 4 * PAGE));
		EXPECT_EQ(resident(map, 16), 4);
		/* The same again is not counted again. */
		MUST(mlock(map, 8 * PAGE));
		EXPECT_ERRNO(mlock(map + 8 * PAGE, PAGE), ENOMEM);
		EXPECT_ERRNO(mlockall(MCL_CURRENT), ENOMEM);
		EXPECT_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED,
				  -1, 0), EAGAIN);
		MUST(munlock(map, PAGE));
		MUST(mlock2(map + 8 * PAGE, PAGE, MLOCK_ONFAULT));
		EXPECT_EQ(resident(map + 8 * PAGE, 1), 0);
		map[8 * PAGE] = 1;
		MUST(munmap(map, 16 * PAGE));
		map = pages(16, MAP_PRIVATE);
		MUST(mlock(map, 8 * PAGE));
		limit.rlim_cur = 0;
		MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
		EXPECT_ERRNO(mlock(map, PAGE), EPERM);
		EXPECT_ERRNO(mlockall(MCL_CURRENT), EPERM);
		MUST(munlockall());
	}), 0);
	EXPECT_EXIT(IN_CHILD({
		MUST(mlockall(MCL_FUTURE));
		map = pages(4, MAP_PRIVATE);
		EXPECT_EQ(resident(map, 4), 4);
		/* A child begins without locks. */
		EXPECT_EXIT(IN_CHILD({
			map = pages(4, MAP_PRIVATE);
			EXPECT_EQ(resident(map, 4), 0);
		}), 0);
		MUST(munlockall());
		map = pages(4, MAP_PRIVATE);
		EXPECT_EQ(resident(map, 4), 0);
	}), 0);
	map = pages(2, MAP_PRIVATE);
	MUST(munmap(map + PAGE, PAGE));
	EXPECT_ERRNO(mlock(map, 2 * PAGE), ENOMEM);
}

TEST(advice_about_forks)
{
	char *map = pages(3, MAP_PRIVATE);

	memset(map, 'x', 3 * PAGE);
	MUST(madvise(map, PAGE, MADV_DONTFORK));
	MUST(madvise(map + PAGE, PAGE, MADV_WIPEONFORK));
	SKIP_IN_EMULATOR("forks itself");
	EXPECT_EXIT(IN_CHILD({ return_status = map[PAGE] != 0 || map[2 * PAGE] != 'x'; }), 0);
	EXPECT_EQ(signal_of(map, false), SIGSEGV);
	EXPECT_EQ(map[PAGE], 'x');
	MUST(madvise(map, PAGE, MADV_DOFORK));
	MUST(madvise(map, 3 * PAGE, MADV_KEEPONFORK));
	EXPECT_EXIT(IN_CHILD({ return_status = map[0] != 'x' || map[PAGE] != 'x'; }), 0);
	map = pages(1, MAP_SHARED);
	EXPECT_ERRNO(madvise(map, PAGE, MADV_WIPEONFORK), EINVAL);
}

TEST(advice_that_drops_pages)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));
	char *map = pages(2, MAP_PRIVATE);
	struct stat st;

	SKIP_IN_EMULATOR("advises the host");
	memset(map, 'x', 2 * PAGE);
	MUST(madvise(map, PAGE, MADV_FREE));
	EXPECT(map[0] == 'x' || map[0] == 0);
	EXPECT_EQ(map[PAGE], 'x');
	/* What is written afterwards stays. */
	map[0] = 'y';
	EXPECT_EQ(map[0], 'y');
	MUST(madvise(map, 2 * PAGE, MADV_COLD_));
	EXPECT_EQ(map[PAGE], 'x');
	MUST(ftruncate(fd, 4 * PAGE));
	map = MUST(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_ERRNO(madvise(map, PAGE, MADV_FREE), EINVAL);
	memset(map, 'x', 4 * PAGE);
	MUST(madvise(map + PAGE, 2 * PAGE, MADV_REMOVE));
	EXPECT_EQ(map[PAGE], 0);
	EXPECT_EQ(map[3 * PAGE], 'x');
	MUST(madvise(map + PAGE, 2 * PAGE, MADV_REMOVE));
	MUST(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 4 * PAGE);
	EXPECT_LE(st.st_blocks, 2 * PAGE / 512);
	map = MUST(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(madvise(map, PAGE, MADV_REMOVE), 0);	/* it could be made writable */
	map = pages(1, MAP_PRIVATE);
	EXPECT_ERRNO(madvise(map, PAGE, MADV_REMOVE), EINVAL);
	EXPECT_ERRNO(madvise(map, PAGE, 4711), EINVAL);
	EXPECT_ERRNO(madvise(map + 1, PAGE, MADV_DONTNEED), EINVAL);
}

TEST(moved_without_unmapping)
{
	char *map = pages(2, MAP_PRIVATE), *moved, *shared = pages(1, MAP_SHARED);

	SKIP_IN_EMULATOR("does not know it");
	memset(map, 'x', 2 * PAGE);
	moved = mremap(map, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	EXPECT(moved != MAP_FAILED && moved != map);
	EXPECT_EQ(moved[PAGE], 'x');
	EXPECT_EQ(map[PAGE], 0);	/* there still, and empty */
	map[0] = 'z';
	EXPECT_EQ(moved[0], 'x');
	EXPECT_ERRNO(mremap(map, PAGE, PAGE, MREMAP_DONTUNMAP), EINVAL);
	EXPECT_ERRNO(mremap(map, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP), EINVAL);
	*shared = 's';
	moved = mremap(shared, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	EXPECT(moved != MAP_FAILED);
	EXPECT_EQ(*moved, 's');
	EXPECT_EQ(*shared, 's');
}

TEST(beyond_the_end_of_a_file)
{
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0600));
	char *map;

	MUST(ftruncate(fd, PAGE + 10));
	map = MUST(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	map[PAGE + 100] = 'x';		/* in its last page: no harm, and not in the file */
	SKIP_IN_EMULATOR("signals are the host's");
	EXPECT_EQ(signal_of(map + 2 * PAGE, false), SIGBUS);
	EXPECT_EQ(signal_of(map + 2 * PAGE, true), SIGBUS);
	MUST(ftruncate(fd, 3 * PAGE));
	EXPECT_EQ(signal_of(map + 2 * PAGE, true), 0);
	EXPECT_EQ(signal_of(map + 3 * PAGE, true), SIGBUS);
	/* To a system call it is a bad address. */
	EXPECT_ERRNO(write(fd, map + 3 * PAGE, 1), EFAULT);
}

static void put_setting(const char *name, const char *value)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	fd = MUST(open(path, O_WRONLY));
	EXPECT_EQ(write(fd, value, strlen(value)), strlen(value));
	close(fd);
}

/* Can this much private memory be had? Nothing of it is touched. */
static bool promised(uint64_t bytes, int flags)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags,
			 -1, 0);

	if (map == MAP_FAILED) {
		EXPECT_EQ(errno, ENOMEM);
		return false;
	}
	munmap(map, bytes);
	return true;
}

TEST(promises)
{
	uint64_t ram = (uint64_t)meminfo_kb("MemTotal") * 1024;

	need_root();
	SKIP_IN_EMULATOR("the host's");
	/* 0: what could never be is refused, unless nothing is to be reserved. */
	put_setting("overcommit_memory", "0");
	EXPECT(promised(ram / 2, 0));
	EXPECT(!promised(4 * ram, 0));
	EXPECT(promised(4 * ram, MAP_NORESERVE));
	put_setting("overcommit_memory", "1");
	EXPECT(promised(4 * ram, 0));
	/* 2: all promises together stay below the limit. */
	put_setting("overcommit_ratio", "50");
	put_setting("overcommit_memory", "2");
	EXPECT(promised(ram / 4, 0));
	EXPECT(!promised(ram * 6 / 10, 0));
	EXPECT(!promised(ram * 6 / 10, MAP_NORESERVE));
	put_setting("overcommit_ratio", "90");
	EXPECT(promised(ram * 6 / 10, 0));
	/* What cannot be written privately needs no promise. */
	EXPECT_NE(mmap(NULL, 4 * ram, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), MAP_FAILED);
	put_setting("overcommit_ratio", "50");
	put_setting("overcommit_memory", "0");
}

/* What is kept for the kernel's own needs is not there for programs. */
TEST(min_free_kbytes)
{
	long before = meminfo_kb("MemAvailable"), kb;
	char old[32];

	need_root();
	SKIP_IN_EMULATOR("the host's");
	get_file("/proc/sys/vm/min_free_kbytes", old, sizeof(old));
	kb = atol(old);
	EXPECT_GT(kb, 64);
	put_setting("min_free_kbytes", "16384");
	EXPECT_LT(meminfo_kb("MemAvailable"), before - 8192);
	put_setting("min_free_kbytes", old);
}
