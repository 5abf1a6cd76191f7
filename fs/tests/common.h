/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot tests of the VFS: each works in a fresh tmpfs of 1 MB and 64 inodes on /bt.fs,
 * which is gone again, with everything freed, when the test ends.
 */
#ifndef FS_TESTS_COMMON_H
#define FS_TESTS_COMMON_H

#include <fs/fs.h>
#include <fs/files.h>
#include <fs/namei.h>
#include <kernel/boottest.h>
#include <lib/string.h>

#define T "/bt.fs"

bool t_begin(void);                    /* false: the test has failed already */
void t_end(void);
#define FS_TEST(name)							\
	static void name##_body(void);					\
	BOOT_TEST(fs, name)						\
	{								\
		if (!t_begin())						\
			return;						\
		name##_body();						\
		t_end();						\
	}								\
	static void name##_body(void)

/* Makes a file with this text; 0 or errno. */
int t_write(const char *path, const char *text);
/* True if the file holds exactly this text. */
bool t_holds(const char *path, const char *text);
/* The errno (negative) of an open, or 0; the file is closed again. */
int t_open(const char *path, int flags);
/* Attributes without following a final link. */
int t_stat(const char *path, struct kstat *st);
int t_lookup(const char *path, unsigned flags);

#endif /* FS_TESTS_COMMON_H */
