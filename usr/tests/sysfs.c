/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys as lscpu, nproc and lsblk read it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "helpers.h"

#define CPUS "/sys/devices/system/cpu/"

static void need_sysfs(void)
{
	struct statfs fs;

	if (statfs("/sys", &fs) < 0 || fs.f_type != 0x62656572)
		SKIP("no sysfs on /sys");
}

TEST(cpu_lists)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	char text[64], wanted[64];

	need_sysfs();
	SKIP_IN_EMULATOR("the host's /sys");
	if (online > 1)
		snprintf(wanted, sizeof(wanted), "0-%ld\n", online - 1);
	else
		strcpy(wanted, "0\n");
	get_file(CPUS "online", text, sizeof(text));
	EXPECT_STREQ(text, wanted);
	get_file(CPUS "present", text, sizeof(text));
	EXPECT_STREQ(text, wanted);
	EXPECT(get_file(CPUS "possible", text, sizeof(text)) > 0);
}

TEST(topology_of_cpu0)
{
	char text[64];

	need_sysfs();
	SKIP_IN_EMULATOR("the host's /sys");
	get_file(CPUS "cpu0/topology/core_id", text, sizeof(text));
	EXPECT_STREQ(text, "0\n");
	get_file(CPUS "cpu0/topology/thread_siblings_list", text, sizeof(text));
	EXPECT_STREQ(text, "0\n");
	get_file(CPUS "cpu0/regs/identification/midr_el1", text, sizeof(text));
	EXPECT_NE(strtoul(text, NULL, 16), 0);
}

/* By these links programs tell which CPUs a node has, and which node a CPU is in. */
TEST(cpus_and_nodes)
{
	char link[64];
	struct stat st;
	ssize_t n;

	need_sysfs();
	SKIP_IN_EMULATOR("the host's /sys");
	if (stat("/sys/devices/system/node/node0", &st))
		SKIP("no nodes");
	n = MUST(readlink(CPUS "cpu0/node0", link, sizeof(link) - 1));
	link[n] = '\0';
	EXPECT_STREQ(link, "../../node/node0");
	MUST(stat(CPUS "cpu0/node0/cpu0/topology/core_id", &st));
}

TEST(folders)
{
	static const char *const names[] = { "/sys/block", "/sys/class/net", "/sys/dev/block",
					     "/sys/class/tty", "/sys/devices" };

	need_sysfs();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct stat st;

		MUST(stat(names[i], &st));
		EXPECT(S_ISDIR(st.st_mode));
	}
	EXPECT_ERRNO(stat("/sys/1", &(struct stat){ 0 }), ENOENT);
}
