/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Malformed programs: truncated, bit-flipped and made-up ELF files. Each is refused by execve
 * with an errno, or its process ends; nothing else ever happens, and memory comes back.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "helpers.h"

#define BASE 0x400000
#define REFUSED 100 /* + errno: exit status of a child whose execve failed */

/* A whole program in one page: headers, then code that exits with 0. */
struct tiny {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[2];
	uint32_t code[4];
	char interp[32];
};

static const struct tiny good = {
	.ehdr =
		{
			.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_AARCH64,
			.e_version = EV_CURRENT,
			.e_entry = BASE + offsetof(struct tiny, code),
			.e_phoff = offsetof(struct tiny, phdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
	.phdr =
		{
			{PT_LOAD, PF_R | PF_X, 0, BASE, BASE, sizeof(struct tiny),
			 sizeof(struct tiny), 4096},
			{PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16},
		},
	.code = {0xd2800000, 0xd2800bc8, 0xd4000001,
		 0xd4200000}, /* mov x0,0; mov x8,94; svc; brk */
};

/* Runs the bytes as a program: its wait status; REFUSED + errno is its exit status if refused. */
static int run_image(const void *data, size_t len)
{
	char *const argv[] = { (char *)"image", NULL }, *const env[] = { NULL };
	int status;
	pid_t pid;

	unlink("image");
	put_file("image", data, len, 0700);
	pid = must_fork();
	if (pid == 0) {
		struct rlimit no_core = { 0, 0 }, cpu = { 1, 2 };
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		setrlimit(RLIMIT_CORE, &no_core);
		setrlimit(RLIMIT_CPU, &cpu);
		alarm(2);
		execve("./image", argv, env);
		_exit(REFUSED + errno);
	}
	status = wait_status(pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		FAIL("a changed program hangs");
	return status;
}

static int refused_with(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) > REFUSED ? WEXITSTATUS(status) - REFUSED
								  : 0;
}

static uint32_t random_state = 12345;

static uint32_t next_random(void)
{
	return random_state = random_state * 1664525 + 1013904223;
}

#define NEED_EXEC() SKIP_IN_EMULATOR("cannot execute arm64 programs")

TEST(the_good_one_runs)
{
	NEED_EXEC();
	EXPECT_EXIT(run_image(&good, sizeof(good)), 0);
}

TEST(truncated_anywhere)
{
	NEED_EXEC();
	for (size_t len = 0; len < sizeof(good); len += 3) {
		int status = run_image(&good, len);

		if (len < sizeof(Elf64_Ehdr))
			EXPECT_EQ(refused_with(status), ENOEXEC);
	}
}

TEST_LONG(bit_flips, 120)
{
	struct tiny image;

	NEED_EXEC();
	for (size_t bit = 0; bit < offsetof(struct tiny, code) * 8; bit++) {
		image = good;
		((char *)&image)[bit / 8] ^= 1 << bit % 8;
		run_image(&image, sizeof(image));
	}
}

TEST_LONG(random_damage, 120)
{
	struct tiny image;

	NEED_EXEC();
	for (int i = 0; i < 500; i++) {
		image = good;
		for (uint32_t k = next_random() % 8; k < 8; k++)
			((char *)&image)[(next_random() >> 8) % offsetof(struct tiny, code)] =
				next_random() >> 24;
		memcpy(&image.ehdr, &good.ehdr, i % 2 ? 20 : 4);
		run_image(&image, sizeof(image));
	}
}

/* One change that the header check must catch. */
#define REFUSED_HEADER(error, change)                                                            \
	do {                                                                                     \
		struct tiny image = good;                                                        \
		change;                                                                          \
		int status_ = run_image(&image, sizeof(image));                                  \
		if (refused_with(status_) != (error))                                            \
			FAIL("%s: wait status %#x, wanted errno %s", #change, status_, #error);  \
	} while (0)

/* One change after which the program cannot run: refused or killed, but it must not succeed. */
#define MUST_NOT_RUN(change)                                                                     \
	do {                                                                                     \
		struct tiny image = good;                                                        \
		change;                                                                          \
		int status_ = run_image(&image, sizeof(image));                                  \
		if (!refused_with(status_) && !WIFSIGNALED(status_))                             \
			FAIL("%s: wait status %#x", #change, status_);                           \
	} while (0)

TEST(headers)
{
	NEED_EXEC();
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_ident[1] = 'e');
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_machine = EM_X86_64);
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_type = ET_REL);
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_type = ET_CORE);
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_phentsize = 55);
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_phnum = 0);
	REFUSED_HEADER(ENOEXEC, image.ehdr.e_phnum = 0xffff);
	MUST_NOT_RUN(image.ehdr.e_phoff = 1UL << 62);
	MUST_NOT_RUN(image.ehdr.e_phoff = -8UL);
	MUST_NOT_RUN(image.ehdr.e_phoff = 1 << 20);
}

TEST(segments)
{
	NEED_EXEC();
	MUST_NOT_RUN(image.phdr[0].p_type = PT_NULL);
	MUST_NOT_RUN(image.phdr[0].p_vaddr = 0xffff000000000000);
	MUST_NOT_RUN(image.phdr[0].p_vaddr = 0x0001000000000000);
	MUST_NOT_RUN(image.phdr[0].p_vaddr = 0x0000fffffffff000; image.phdr[0].p_memsz = 0x10000);
	MUST_NOT_RUN(image.phdr[0].p_vaddr = 0);
	MUST_NOT_RUN(image.phdr[0].p_vaddr += 8); /* not congruent with its offset */
	MUST_NOT_RUN(image.phdr[0].p_filesz = image.phdr[0].p_memsz + 4096);
	MUST_NOT_RUN(image.phdr[0].p_memsz = -1UL);
	MUST_NOT_RUN(image.phdr[0].p_memsz = 1UL << 47);
	MUST_NOT_RUN(image.phdr[0].p_filesz = image.phdr[0].p_memsz = 1UL << 48);
	MUST_NOT_RUN(image.phdr[0].p_offset = 1UL << 63);
	MUST_NOT_RUN(image.phdr[0].p_offset = 1 << 20); /* past the end of the file */
	MUST_NOT_RUN(image.phdr[0].p_flags = PF_R);
	MUST_NOT_RUN(image.phdr[0].p_flags = 0);
}

TEST(entries)
{
	NEED_EXEC();
	MUST_NOT_RUN(image.ehdr.e_entry = 0);
	MUST_NOT_RUN(image.ehdr.e_entry = 0xffff800008000000);
	MUST_NOT_RUN(image.ehdr.e_entry = BASE + 0x100000);
	MUST_NOT_RUN(image.ehdr.e_entry += 1);
}

#define WITH_INTERP(text, size)                                                                  \
	({                                                                                       \
		image.phdr[1] = (Elf64_Phdr){ PT_INTERP, PF_R, offsetof(struct tiny, interp),    \
			BASE + offsetof(struct tiny, interp), 0, (size), (size), 1 };            \
		memcpy(image.interp, text, sizeof(text));                                        \
	})

TEST(interpreters)
{
	NEED_EXEC();
	REFUSED_HEADER(ENOENT, WITH_INTERP("/no/such/loader", 16));
	REFUSED_HEADER(EACCES, WITH_INTERP("/tmp", 5));
	REFUSED_HEADER(ENOEXEC, WITH_INTERP("/no/such/loader", 3)); /* no NUL at its end */
	REFUSED_HEADER(ENOEXEC, WITH_INTERP("", 1)); /* shorter than a path can be */
	REFUSED_HEADER(ENOEXEC, WITH_INTERP("/loader", 1 << 20));
	MUST_NOT_RUN(WITH_INTERP("./image", 8)); /* itself: an ET_EXEC over itself */
	put_text("script", "#!/bin/sh\n");
	MUST(chmod("script", 0755));
	MUST_NOT_RUN(WITH_INTERP("./script", 9)); /* not an ELF file */
}

/* bss: the part beyond the file is zero, the page's rest of the file is not seen. */
TEST(bss_is_zero)
{
	struct {
		struct tiny tiny;
		char rest[4096];
	} image = { .tiny = good };

	NEED_EXEC();
	memset(image.rest, 0xff, sizeof(image.rest));
	image.tiny.phdr[0].p_flags = PF_R | PF_W | PF_X;
	image.tiny.phdr[0].p_memsz = 3 * 4096;
	image.tiny.phdr[0].p_filesz = sizeof(struct tiny);
	/* adr x1, #2048; ldr x0, [x1]; mov x8, 94; svc 0: exits with what is in the bss */
	image.tiny.code[0] = 0x10000001 | (2048 / 4) << 5;
	image.tiny.code[1] = 0xf9400020;
	image.tiny.code[2] = 0xd2800bc8;
	image.tiny.code[3] = 0xd4000001;
	EXPECT_EXIT(run_image(&image, sizeof(image)), 0);
}
