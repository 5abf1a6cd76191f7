/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap and friends: anonymous and file mappings, protection, remapping, advice, brk. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "faults.h"

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)

static char *anonymous(size_t len, int prot, int share)
{
	char *area = mmap(NULL, len, prot, share | MAP_ANONYMOUS, -1, 0);

	EXPECT_NE(area, MAP_FAILED);
	EXPECT_EQ((uintptr_t)area % PAGE, 0);
	return area;
}

static char *pages(int count)
{
	return anonymous(count * PAGE, RW, MAP_PRIVATE);
}

static int file_of(size_t len)
{
	char *data = malloc(len);
	int fd;

	for (size_t i = 0; i < len; i++)
		data[i] = 'a' + i / PAGE % 26;
	put_file("file", data, len, 0644);
	free(data);
	fd = MUST(open("file", O_RDWR));
	return fd;
}

static char *map_file(int fd, size_t len, int prot, int share, off_t offset)
{
	char *area = mmap(NULL, len, prot, share, fd, offset);

	EXPECT_NE(area, MAP_FAILED);
	return area;
}

TEST(anonymous_is_zero)
{
	char *area = pages(64);

	for (long i = 0; i < 64 * PAGE; i += 511)
		EXPECT_EQ(area[i], 0);
	memset(area, 0xaa, 64 * PAGE);
	MUST(munmap(area, 64 * PAGE));
	area = pages(64);
	for (long i = 0; i < 64 * PAGE; i += 511)
		EXPECT_EQ(area[i], 0); /* nobody's old data */
}

TEST(mmap_errors)
{
	int fd = file_of(PAGE), readonly = MUST(open("file", O_RDONLY)),
	    null_dir = MUST(open("/", O_RDONLY));
	int writeonly = MUST(open("file", O_WRONLY));

#define MMAP_ERRNO(error, ...) EXPECT_ERRNO((long)mmap(__VA_ARGS__), error)
	MMAP_ERRNO(EINVAL, NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MMAP_ERRNO(EINVAL, NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0);
	MMAP_ERRNO(EINVAL, (void *)1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		   0);
	MMAP_ERRNO(EBADF, NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0);
	MMAP_ERRNO(EACCES, NULL, PAGE, RW, MAP_SHARED, readonly, 0);
	MMAP_ERRNO(EACCES, NULL, PAGE, PROT_READ, MAP_PRIVATE, writeonly, 0);
	MMAP_ERRNO(ENODEV, NULL, PAGE, PROT_READ, MAP_PRIVATE, null_dir, 0);
	MMAP_ERRNO(ENOMEM, NULL, 1UL << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT_EQ(syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_ERRNO(munmap((void *)1, PAGE), EINVAL);
	EXPECT_ERRNO(munmap(NULL, 0), EINVAL);
	EXPECT_EQ(munmap((void *)0x10000000, PAGE), 0); /* nothing there: fine */
}

TEST(fixed_replaces)
{
	char *area = pages(4);

	memset(area, 1, 4 * PAGE);
	EXPECT(mmap(area + PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	       area + PAGE);
	EXPECT_EQ(area[0], 1);
	EXPECT_EQ(area[PAGE], 0);
	EXPECT_EQ(area[2 * PAGE], 1);
	SKIP_IN_EMULATOR("MAP_FIXED_NOREPLACE");
	EXPECT_ERRNO((long)mmap(area, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
				-1, 0),
		     EEXIST);
}

TEST(hint_is_taken_when_free)
{
	char *area = pages(4);

	MUST(munmap(area, 4 * PAGE));
	EXPECT(mmap(area, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == area);
	EXPECT(mmap(area, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != area);
}

TEST(hole_in_the_middle)
{
	char *area = pages(5);

	memset(area, 9, 5 * PAGE);
	MUST(munmap(area + 2 * PAGE, PAGE));
	EXPECT_EQ(area[2 * PAGE - 1], 9);
	EXPECT_EQ(area[3 * PAGE], 9);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, area + 2 * PAGE, READ_AT(area + 2 * PAGE););
}

TEST(mprotect_splits_and_merges)
{
	char *area = pages(8);

	memset(area, 4, 8 * PAGE);
	for (int round = 0; round < 30; round++) {
		int from = round % 6, len = 1 + round % 3;

		MUST(mprotect(area + from * PAGE, len * PAGE, PROT_READ));
		EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, area + from * PAGE,
			     WRITE_AT(area + from * PAGE););
		MUST(mprotect(area + from * PAGE, len * PAGE, RW));
		for (int i = 0; i < 8; i++)
			area[i * PAGE] = round;
	}
	SKIP_IN_EMULATOR("alignment and holes");
	EXPECT_ERRNO(syscall(SYS_mprotect, area + 1, PAGE, PROT_READ), EINVAL);
	MUST(munmap(area + 4 * PAGE, PAGE));
	EXPECT_ERRNO(mprotect(area, 8 * PAGE, PROT_READ), ENOMEM);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, area, WRITE_AT(area);); /* done up to the hole */
}

TEST(shared_anonymous_between_processes)
{
	volatile int *area = (int *)anonymous(4 * PAGE, RW, MAP_SHARED);

	area[0] = 1;
	EXPECT_EXIT(IN_CHILD({
		return_status = area[0] != 1 || area[2048] != 0;
		area[0] = 2;
		area[2048] = 3;
	}), 0);
	EXPECT_EQ(area[0], 2);
	EXPECT_EQ(area[2048], 3);
}

TEST(private_file_mapping)
{
	int fd = file_of(3 * PAGE);
	char *area = map_file(fd, 3 * PAGE, RW, MAP_PRIVATE, 0), c;

	EXPECT_EQ(area[0], 'a');
	EXPECT_EQ(area[PAGE], 'b');
	area[PAGE] = 'X';
	EXPECT_EQ(pread(fd, &c, 1, PAGE), 1);
	EXPECT_EQ(c, 'b');
	EXPECT_EQ(area[PAGE], 'X');
	EXPECT_EXIT(IN_CHILD({ return_status = area[PAGE] != 'X'; area[PAGE] = 'Y'; }), 0);
	EXPECT_EQ(area[PAGE], 'X');
	EXPECT_EQ(close(fd), 0);
	EXPECT_EQ(area[2 * PAGE], 'c'); /* the mapping keeps the file */
}

TEST(shared_file_mapping)
{
	int fd = file_of(2 * PAGE);
	char *area = map_file(fd, 2 * PAGE, RW, MAP_SHARED, 0), c;

	area[5] = 'S';
	EXPECT_EQ(pread(fd, &c, 1, 5), 1);
	EXPECT_EQ(c, 'S');
	EXPECT_EQ(pwrite(fd, "W", 1, PAGE + 7), 1);
	EXPECT_EQ(area[PAGE + 7], 'W');
	EXPECT_EXIT(IN_CHILD({ area[9] = 'C'; }), 0);
	EXPECT_EQ(area[9], 'C');
	MUST(msync(area, 2 * PAGE, MS_SYNC));
	MUST(munmap(area, 2 * PAGE));
	EXPECT_EQ(pread(fd, &c, 1, 9), 1);
	EXPECT_EQ(c, 'C');
}

TEST(offset_mapping)
{
	int fd = file_of(4 * PAGE);
	char *area = map_file(fd, 2 * PAGE, PROT_READ, MAP_SHARED, 2 * PAGE);

	EXPECT_EQ(area[0], 'c');
	EXPECT_EQ(area[PAGE], 'd');
}

TEST(tail_of_last_page_is_zero)
{
	int fd = file_of(PAGE + 100);
	char *area = map_file(fd, 2 * PAGE, RW, MAP_SHARED, 0);

	EXPECT_EQ(area[PAGE + 99], 'b');
	EXPECT_EQ(area[PAGE + 100], 0);
	EXPECT_EQ(area[2 * PAGE - 1], 0);
}

TEST(past_end_of_file_is_sigbus)
{
	int fd = file_of(PAGE);
	char *area = map_file(fd, 3 * PAGE, RW, MAP_SHARED, 0);

	SKIP_IN_EMULATOR("si_code differs");
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, area + PAGE, READ_AT(area + PAGE););
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, area + 2 * PAGE + 5, WRITE_AT(area + 2 * PAGE + 5););
	MUST(ftruncate(fd, 2 * PAGE));
	area[PAGE] = 1; /* the file grew: now it is there */
	MUST(ftruncate(fd, 0));
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, area, READ_AT(area););
}

TEST(truncate_cuts_private_pages_too)
{
	int fd = file_of(2 * PAGE);
	char *area = map_file(fd, 2 * PAGE, RW, MAP_PRIVATE, 0);

	SKIP_IN_EMULATOR("si_code differs");
	area[PAGE] = 'p';
	MUST(ftruncate(fd, PAGE));
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, area + PAGE, READ_AT(area + PAGE););
}

TEST(mremap_grows_and_moves)
{
	char *area = pages(2), *bigger;

	memset(area, 6, 2 * PAGE);
	pages(1); /* likely in the way */
	bigger = mremap(area, 2 * PAGE, 100 * PAGE, MREMAP_MAYMOVE);
	EXPECT_NE(bigger, MAP_FAILED);
	EXPECT_EQ(bigger[0], 6);
	EXPECT_EQ(bigger[2 * PAGE - 1], 6);
	EXPECT_EQ(bigger[2 * PAGE], 0);
	bigger[100 * PAGE - 1] = 1;
	EXPECT(mremap(bigger, 100 * PAGE, PAGE, 0) == bigger);
	EXPECT_EQ(bigger[0], 6);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, bigger + PAGE, READ_AT(bigger + PAGE););
}

TEST(mremap_fixed_and_errors)
{
	char *area = pages(2), *target = pages(4);

	area[0] = 8;
	EXPECT(mremap(area, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
	EXPECT_EQ(target[0], 8);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, area, READ_AT(area););
	SKIP_IN_EMULATOR("other errors");
	EXPECT_ERRNO((long)mremap(target, PAGE, 0, 0), EINVAL);
	EXPECT_ERRNO((long)mremap(target + 1, PAGE, PAGE, 0), EINVAL);
	EXPECT_ERRNO((long)mremap(target, PAGE, PAGE, MREMAP_FIXED, target), EINVAL);
	EXPECT_ERRNO((long)mremap((void *)0x10000000, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(dontneed_forgets)
{
	char *area = pages(4);

	memset(area, 3, 4 * PAGE);
	MUST(madvise(area + PAGE, 2 * PAGE, MADV_DONTNEED));
	EXPECT_EQ(area[0], 3);
	EXPECT_EQ(area[PAGE], 0);
	EXPECT_EQ(area[3 * PAGE - 1], 0);
	EXPECT_EQ(area[3 * PAGE], 3);
	EXPECT_ERRNO(madvise(area + 1, PAGE, MADV_DONTNEED), EINVAL);
	SKIP_IN_EMULATOR("ignores bad advice");
	EXPECT_ERRNO(madvise(area, PAGE, 12345), EINVAL);
	EXPECT_ERRNO(madvise((void *)0x10000000, PAGE, MADV_DONTNEED), ENOMEM);
}

TEST(dontneed_of_file_rereads)
{
	int fd = file_of(PAGE);
	char *area = map_file(fd, PAGE, RW, MAP_PRIVATE, 0);

	area[0] = 'Z';
	MUST(madvise(area, PAGE, MADV_DONTNEED));
	EXPECT_EQ(area[0], 'a');
}

TEST(mincore)
{
	char *area = pages(4);
	unsigned char vec[4] = { 9, 9, 9, 9 };

	area[PAGE] = 1;
	SKIP_IN_EMULATOR("mincore");
	MUST(mincore(area, 4 * PAGE, vec));
	EXPECT_EQ(vec[0] & 1, 0);
	EXPECT_EQ(vec[1] & 1, 1);
	EXPECT_ERRNO(mincore(area + 1, PAGE, vec), EINVAL);
	EXPECT_ERRNO(mincore((void *)0x10000000, PAGE, vec), ENOMEM);
	EXPECT_ERRNO(mincore(area, PAGE, (void *)16), EFAULT);
}

TEST(msync_errors)
{
	char *area = pages(1);

	EXPECT_EQ(msync(area, PAGE, MS_ASYNC), 0);
	EXPECT_ERRNO(msync(area + 1, PAGE, MS_SYNC), EINVAL);
	EXPECT_ERRNO(msync(area, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERRNO(msync((void *)0x10000000, PAGE, MS_SYNC), ENOMEM);
}

TEST(brk)
{
	char *start = (char *)syscall(SYS_brk, 0), *end;

	end = (char *)syscall(SYS_brk, start + 10 * PAGE);
	EXPECT(end == start + 10 * PAGE);
	memset(start, 5, 10 * PAGE);
	EXPECT((char *)syscall(SYS_brk, start) == start);
	EXPECT((char *)syscall(SYS_brk, start + 10 * PAGE) == start + 10 * PAGE);
	for (long i = 64; i < 10 * PAGE; i += 1000)
		if ((uintptr_t)(start + i) >> 12 != (uintptr_t)start >> 12)
			EXPECT_EQ(start[i], 0); /* given back and taken anew: zero */
	EXPECT((char *)syscall(SYS_brk, 1UL << 46) == start + 10 * PAGE); /* refused: unchanged */
}

TEST(huge_sparse_mapping)
{
	size_t len = 64UL << 30;
	char *area = mmap(NULL, len, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT_NE(area, MAP_FAILED);
	for (size_t at = 0; at < len; at += 1UL << 30)
		area[at] = at >> 30;
	for (size_t at = 0; at < len; at += 1UL << 30)
		EXPECT_EQ(area[at], (char)(at >> 30));
	EXPECT_EXIT(IN_CHILD({ return_status = area[5UL << 30] != 5; }), 0);
	MUST(munmap(area, len));
}

TEST(many_mappings)
{
	enum { COUNT = 2000 };
	char **areas = malloc(COUNT * sizeof(*areas));

	for (int i = 0; i < COUNT; i++) {
		areas[i] = anonymous(PAGE, i % 2 ? RW : PROT_READ, MAP_PRIVATE);
		if (i % 2)
			areas[i][0] = i;
	}
	EXPECT_EXIT(IN_CHILD({
		for (int i = 1; i < COUNT; i += 2)
			if (areas[i][0] != (char)i)
				_exit(1);
	}), 0);
	for (int i = 0; i < COUNT; i += 3)
		MUST(munmap(areas[i], PAGE));
	for (int i = 0; i < COUNT; i++)
		if (i % 3 && i % 2)
			EXPECT_EQ(areas[i][0], (char)i);
}

TEST(address_space_limit)
{
	SKIP_IN_EMULATOR("RLIMIT_AS");
	EXPECT_EXIT(IN_CHILD({
		struct rlimit limit = { 64 << 20, 64 << 20 };

		MUST(setrlimit(RLIMIT_AS, &limit));
		EXPECT_ERRNO((long)mmap(NULL, 128 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
			     ENOMEM);
		EXPECT_NE(mmap(NULL, 1 << 20, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), MAP_FAILED);
	}), 0);
}

/* Reads of a private anonymous area cost no memory: all pages are the zero page. */
TEST(reads_cost_nothing)
{
	char *area = pages(8192); /* 32 MB */
	long before = meminfo_kb("MemFree"), sum = 0;

	SKIP_IN_EMULATOR("memory of the host");
	for (int i = 0; i < 8192; i++)
		sum += area[i * PAGE];
	EXPECT_EQ(sum, 0);
	EXPECT_GT(meminfo_kb("MemFree"), before - 8192);
}
