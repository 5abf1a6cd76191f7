/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk as a file. Runs on /dev/vda, whose contents it destroys; without one, or where the
 * kernel command line does not say `scratch_disk`, it is skipped.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "helpers.h"

#define DISK "/dev/vda"

static unsigned char page[4096], back[4096];

/* The disk, opened and of `*size` bytes. */
static int open_disk(int flags, off_t *size)
{
	char words[2048];
	uint64_t bytes;
	int fd;

	SKIP_IN_EMULATOR("the host's disks");
	get_file("/proc/cmdline", words, sizeof(words));
	if (!strstr(words, "scratch_disk"))
		SKIP("no scratch disk");
	fd = open(DISK, flags);
	EXPECT(fd >= 0);
	EXPECT_EQ(ioctl(fd, BLKGETSIZE64, &bytes), 0);
	*size = (off_t)bytes;
	return fd;
}

static void fill(unsigned char *p, unsigned seed)
{
	for (unsigned i = 0; i < sizeof(page); i++)
		p[i] = (unsigned char)(seed * 31 + i * 7 + (i >> 8));
}

TEST(size_and_seek)
{
	unsigned long sectors;
	struct stat st;
	off_t size;
	int fd = open_disk(O_RDONLY, &size), value;

	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT(S_ISBLK(st.st_mode));
	EXPECT_EQ(st.st_size, 0);
	EXPECT(size > 0);
	EXPECT_EQ(ioctl(fd, BLKGETSIZE, &sectors), 0);
	EXPECT_EQ((off_t)sectors * 512, size);
	EXPECT_EQ(ioctl(fd, BLKSSZGET, &value), 0);
	EXPECT_EQ(value, 512);
	EXPECT_EQ(ioctl(fd, BLKROGET, &value), 0);
	EXPECT_EQ(value, 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), size);
	EXPECT_EQ(lseek(fd, size + 1, SEEK_SET), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(lseek(fd, -512, SEEK_END), size - 512);
	EXPECT_EQ(ioctl(fd, 0x5fff, 0), -1);
	EXPECT_EQ(errno, ENOTTY);
}

TEST(end_of_device)
{
	off_t size;
	int fd = open_disk(O_RDWR, &size);

	fill(page, 1);
	EXPECT_EQ(pwrite(fd, page, 4096, size - 1000), 1000);
	EXPECT_EQ(pwrite(fd, page, 1, size), -1);
	EXPECT_EQ(errno, ENOSPC);
	EXPECT_EQ(pwrite(fd, page, 1, size + 8192), -1);
	EXPECT_EQ(errno, ENOSPC);
	EXPECT_EQ(pread(fd, back, 4096, size - 1000), 1000);
	EXPECT_EQ(memcmp(page, back, 1000), 0);
	EXPECT_EQ(pread(fd, back, 1, size), 0);
	EXPECT_EQ(ftruncate(fd, 0), -1);
	EXPECT_EQ(errno, EINVAL);
}

/* What was written and dropped from the cache comes back from the medium. */
TEST(written_comes_back)
{
	off_t size;
	int fd = open_disk(O_RDWR, &size);

	for (unsigned i = 0; i < 64; i++) {
		fill(page, i);
		EXPECT_EQ(pwrite(fd, page, 4096, 1000 + i * 4096), 4096);
	}
	EXPECT_EQ(fsync(fd), 0);
	EXPECT_EQ(ioctl(fd, BLKFLSBUF, 0), 0);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	for (unsigned i = 0; i < 64; i++) {
		fill(page, i);
		EXPECT_EQ(pread(fd, back, 4096, 1000 + i * 4096), 4096);
		EXPECT_EQ(memcmp(page, back, 4096), 0);
	}
}

/* Stores through a mapping reach the medium, also those after a first write-back. */
TEST(mapped_writes)
{
	off_t size;
	int fd = open_disk(O_RDWR, &size);
	unsigned char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 1 << 20);

	EXPECT(p != MAP_FAILED);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 8; i++)
			fill(p + i * 4096, round * 8 + i);
		EXPECT_EQ(msync(p, 8 * 4096, MS_SYNC), 0);
		EXPECT_EQ(pread(fd, back, 4096, (1 << 20) + 3 * 4096), 4096);
		fill(page, round * 8 + 3);
		EXPECT_EQ(memcmp(page, back, 4096), 0);
	}
	EXPECT_EQ(munmap(p, 8 * 4096), 0);
	EXPECT_EQ(ioctl(fd, BLKFLSBUF, 0), 0);
	EXPECT_EQ(pread(fd, back, 4096, (1 << 20) + 7 * 4096), 4096);
	fill(page, 23);
	EXPECT_EQ(memcmp(page, back, 4096), 0);
}

static int write_stripes(void *arg)
{
	unsigned who = *(unsigned *)arg;
	int fd = open(DISK, O_RDWR);

	for (unsigned i = 0; i < 256; i++) {
		memset(page, (int)(who * 100 + i % 100), 512);
		if (pwrite(fd, page, 512, (2 << 20) + (i * 2 + who) * 512) != 512)
			return 1;
		if (i % 64 == 0 && fdatasync(fd) < 0)
			return 2;
	}
	return 0;
}

/* Two processes write every other sector: each page is both's. */
TEST(two_writers)
{
	unsigned zero = 0, one = 1;
	off_t size;
	int fd = open_disk(O_RDWR, &size);
	pid_t child = must_fork();

	if (!child)
		_exit(write_stripes(&one));
	EXPECT_EQ(write_stripes(&zero), 0);
	EXPECT_EXIT(wait_status(child), 0);
	EXPECT_EQ(ioctl(fd, BLKFLSBUF, 0), 0);
	for (unsigned i = 0; i < 512; i++) {
		unsigned wanted = (i % 2) * 100 + i / 2 % 100;

		EXPECT_EQ(pread(fd, back, 512, (2 << 20) + i * 512), 512);
		EXPECT_EQ(back[0], wanted);
		EXPECT_EQ(back[511], wanted);
	}
}

TEST(exclusive_open)
{
	off_t size;
	int fd = open_disk(O_RDWR | O_EXCL, &size), other;

	EXPECT_EQ(open(DISK, O_RDONLY | O_EXCL), -1);
	EXPECT_EQ(errno, EBUSY);
	other = open(DISK, O_RDONLY);
	EXPECT(other >= 0);
	close(fd);
	fd = open(DISK, O_RDONLY | O_EXCL);
	EXPECT(fd >= 0);
}

/* Another node of the number shows the same data at once; one of no disk does not open. */
TEST(nodes_share)
{
	struct stat st;
	off_t size;
	int fd = open_disk(O_RDWR, &size), other;

	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT_EQ(mknod("/dev/same_disk", S_IFBLK | 0600, st.st_rdev), 0);
	other = open("/dev/same_disk", O_RDONLY);
	unlink("/dev/same_disk");
	EXPECT(other >= 0);
	fill(page, 77);
	EXPECT_EQ(pwrite(fd, page, 4096, 4096), 4096);
	EXPECT_EQ(pread(other, back, 4096, 4096), 4096);
	EXPECT_EQ(memcmp(page, back, 4096), 0);
	EXPECT_EQ(mknod("/dev/no_disk", S_IFBLK | 0600, makedev(major(st.st_rdev), 160)), 0);
	other = open("/dev/no_disk", O_RDONLY);
	unlink("/dev/no_disk");
	EXPECT_EQ(other, -1);
	EXPECT_EQ(errno, ENXIO);
}

TEST(geometry_and_read_ahead)
{
	struct hd_geometry geo;
	off_t size;
	int fd = open_disk(O_RDONLY, &size);
	long ahead, now;

	EXPECT_EQ(ioctl(fd, HDIO_GETGEO, &geo), 0);
	EXPECT(geo.heads > 0 && geo.sectors > 0);
	EXPECT_EQ(geo.start, 0);
	EXPECT_EQ(ioctl(fd, BLKRAGET, &ahead), 0);
	EXPECT(ahead > 0);
	EXPECT_EQ(ioctl(fd, BLKRAGET, NULL), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(ioctl(fd, BLKRASET, 16), 0);
	EXPECT_EQ(ioctl(fd, BLKFRAGET, &now), 0);
	EXPECT_EQ(now, 16);
	EXPECT_EQ(ioctl(fd, BLKRASET, ahead), 0);
	EXPECT_EQ(ioctl(fd, BLKGETSIZE64, NULL), -1);
	EXPECT_EQ(errno, EFAULT);
}

TEST(zeroes_are_written)
{
	uint64_t range[2] = { 8192, 1536 };
	off_t size;
	int fd = open_disk(O_RDWR, &size), reader = open(DISK, O_RDONLY);

	fill(page, 9);
	EXPECT_EQ(pwrite(fd, page, 4096, 8192), 4096);
	EXPECT_EQ(fsync(fd), 0);
	EXPECT_EQ(ioctl(reader, BLKZEROOUT, range), -1);
	EXPECT_EQ(errno, EBADF);
	EXPECT_EQ(ioctl(fd, BLKZEROOUT, range), 0);
	EXPECT_EQ(pread(fd, back, 4096, 8192), 4096);
	memset(page, 0, 1536);
	EXPECT_EQ(memcmp(page, back, 4096), 0);
	range[0] = 100;
	EXPECT_EQ(ioctl(fd, BLKZEROOUT, range), -1);
	EXPECT_EQ(errno, EINVAL);
	range[0] = size;
	EXPECT_EQ(ioctl(fd, BLKZEROOUT, range), -1);
	EXPECT_EQ(errno, EINVAL);
	range[0] = (uint64_t)size - 512;
	EXPECT_EQ(ioctl(fd, BLKZEROOUT, range), -1);
	EXPECT_EQ(errno, EINVAL);
	range[0] = 512;
	range[1] = UINT64_MAX - 511;
	EXPECT_EQ(ioctl(fd, BLKZEROOUT, range), -1);
	EXPECT_EQ(errno, EINVAL);
}

TEST(set_read_only)
{
	int on = 1, off = 0;
	off_t size;
	int fd = open_disk(O_RDWR, &size);

	EXPECT_EQ(ioctl(fd, BLKROSET, &on), 0);
	EXPECT_EQ(pwrite(fd, page, 512, 0), -1);
	EXPECT_EQ(errno, EPERM);
	EXPECT_EQ(ioctl(fd, BLKROSET, &off), 0);
	EXPECT_EQ(pwrite(fd, page, 512, 0), 512);
}

/* The files that list disks agree with the ioctls. */
TEST(listed)
{
	char text[4096], line[64];
	off_t size;

	open_disk(O_RDONLY, &size);
	get_file("/sys/block/vda/size", text, sizeof(text));
	EXPECT_EQ(strtoll(text, NULL, 10) * 512, size);
	get_file("/sys/class/block/vda/dev", text, sizeof(text));
	EXPECT(strchr(text, ':') != NULL);
	strtok(text, "\n");
	snprintf(line, sizeof(line), "/sys/dev/block/%s/queue/logical_block_size", text);
	get_file(line, text, sizeof(text));
	EXPECT_STREQ(text, "512\n");
	get_file("/sys/block/vda/queue/zoned", text, sizeof(text));
	EXPECT_STREQ(text, "none\n");
	get_file("/proc/partitions", text, sizeof(text));
	snprintf(line, sizeof(line), "%lld vda\n", (long long)size / 1024);
	EXPECT(strstr(text, line) != NULL);
	get_file("/proc/diskstats", text, sizeof(text));
	EXPECT(strstr(text, " vda ") != NULL);
}

/* The number behind `name` in a file. */
static unsigned long long number_in(const char *path, const char *name)
{
	char text[8192], *line;

	get_file(path, text, sizeof(text));
	line = strstr(text, name);
	EXPECT(line != NULL);
	return strtoull(line + strlen(name), NULL, 10);
}

/* What vmstat shows as bi and pidstat -d of a process. */
TEST(reads_and_writes_are_counted)
{
	unsigned long long kb, in, out;
	struct rusage usage;
	off_t size;
	int fd = open_disk(O_RDWR, &size);

	EXPECT_EQ(ioctl(fd, BLKFLSBUF, 0), 0);
	kb = number_in("/proc/vmstat", "\npgpgin ");
	in = number_in("/proc/self/io", "\nread_bytes: ");
	out = number_in("/proc/self/io", "\nwrite_bytes: ");
	EXPECT_EQ(pread(fd, back, 4096, 0), 4096);
	EXPECT_GE(number_in("/proc/vmstat", "\npgpgin "), kb + 4);
	EXPECT_GE(number_in("/proc/self/io", "\nread_bytes: "), in + 4096);
	EXPECT_EQ(pwrite(fd, back, 4096, 0), 4096);
	EXPECT_EQ(pwrite(fd, back, 4096, 0), 4096);
	EXPECT_EQ(number_in("/proc/self/io", "\nwrite_bytes: "), out + 4096);
	EXPECT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	/* As much as was read, which is more where the kernel reads ahead. */
	EXPECT_EQ(usage.ru_inblock, number_in("/proc/self/io", "\nread_bytes: ") / 512);
	EXPECT_EQ(usage.ru_oublock, (out + 4096) / 512);
}

/* Nanoseconds of a read of 4 KB that is in memory, the best of some. */
static long cached_read_ns(int fd)
{
	int64_t best = INT64_MAX;

	for (unsigned round = 0; round < 20; round++) {
		int64_t begin = now_ns();

		for (unsigned i = 0; i < 100; i++)
			EXPECT_EQ(pread(fd, back, 4096, 0), 4096);
		if (now_ns() - begin < best)
			best = now_ns() - begin;
	}
	return (long)(best / 100);
}

/* The figures are for who counts instructions; here only that both work. */
TEST(cached_read)
{
	off_t size;
	int fd = open_disk(O_RDONLY, &size), file;
	pid_t spinner = must_fork();

	/* A machine that idles by icount leaps to its next timer: ours, before the disk answers. */
	while (!spinner)
		;
	EXPECT_EQ(pread(fd, back, 4096, 0), 4096);
	kill(spinner, SIGKILL);
	EXPECT_KILLED(wait_status(spinner), SIGKILL);
	put_file("file", page, sizeof(page), 0600);
	file = open("file", O_RDONLY);
	EXPECT(file >= 0);
	printf("# disk %ld ns, file %ld ns\n", cached_read_ns(fd), cached_read_ns(file));
}
