/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory policies on a machine with one node: kept, told, inherited, and refused without it. */
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "helpers.h"

#define PAGE 4096
#define SET_HOME_NODE 450	/* newer than the headers of the C library */

static int set_policy(int mode, uint64_t nodes)
{
	return (int)syscall(SYS_set_mempolicy, mode, &nodes, 64);
}

static int get_policy(int *mode, uint64_t *nodes, void *addr, unsigned long flags)
{
	*nodes = 0x55;
	return (int)syscall(SYS_get_mempolicy, mode, nodes, 64, addr, flags);
}

static int bind_range(void *addr, size_t len, int mode, uint64_t nodes, unsigned flags)
{
	return (int)syscall(SYS_mbind, addr, len, mode, &nodes, 64, flags);
}

static void one_node(void)
{
	SKIP_IN_EMULATOR("has none");
	if (syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0) < 0 && errno == ENOSYS)
		SKIP("no memory policies in this kernel");
}

static void expect_policy(int mode, uint64_t nodes)
{
	int is;
	uint64_t where;

	EXPECT_EQ(get_policy(&is, &where, NULL, 0), 0);
	EXPECT_EQ(is, mode);
	EXPECT_EQ(where, nodes);
}

static char *pages(size_t n)
{
	return MUST(mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

TEST(policy_of_a_task)
{
	one_node();
	expect_policy(MPOL_DEFAULT, 0);
	EXPECT_EQ(set_policy(MPOL_BIND, 1), 0);
	expect_policy(MPOL_BIND, 1);
	EXPECT_EXIT(IN_CHILD({ expect_policy(MPOL_BIND, 1); }), 0);
	/* What is not there is left out, unless the caller's own set is to be kept. */
	EXPECT_EQ(set_policy(MPOL_INTERLEAVE, 3), 0);
	expect_policy(MPOL_INTERLEAVE, 1);
	EXPECT_EQ(set_policy(MPOL_BIND | MPOL_F_STATIC_NODES, 3), 0);
	expect_policy(MPOL_BIND | MPOL_F_STATIC_NODES, 3);
	EXPECT_EQ(set_policy(MPOL_BIND | MPOL_F_RELATIVE_NODES, 2), 0);
	expect_policy(MPOL_BIND | MPOL_F_RELATIVE_NODES, 2);
	EXPECT_EQ(set_policy(MPOL_PREFERRED, 0), 0);
	expect_policy(MPOL_LOCAL, 0);
	EXPECT_EQ(set_policy(MPOL_LOCAL, 0), 0);
	EXPECT_EQ(set_policy(MPOL_DEFAULT, 0), 0);
	expect_policy(MPOL_DEFAULT, 0);
}

TEST(sets_without_the_node)
{
	uint64_t far[3] = { 1, 0, 0 };

	one_node();
	EXPECT_ERRNO(set_policy(MPOL_BIND, 2), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_BIND, 0), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_DEFAULT, 1), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_LOCAL, 1), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_MAX, 1), EINVAL);
	EXPECT_ERRNO(set_policy(-1, 1), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_PREFERRED | MPOL_F_STATIC_NODES, 0), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, 1), EINVAL);
	EXPECT_ERRNO(set_policy(MPOL_INTERLEAVE | MPOL_F_NUMA_BALANCING, 1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND, 8, 64), EFAULT);
	EXPECT_EQ(syscall(SYS_set_mempolicy, MPOL_BIND, far, 180), 0);
	far[2] = 1;
	EXPECT_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND, far, 180), EINVAL);
	EXPECT_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND, far, 100000), EINVAL);
	EXPECT_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND, far, 0), EINVAL);
	/* Beyond the nodes that a kernel can have at all. */
	far[0] = 1 | 1ull << 40;
	EXPECT_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND | MPOL_F_STATIC_NODES, far, 64), EINVAL);
	/* A set may have fewer bits than a word: the node is named by the first. */
	far[0] = 3;
	EXPECT_EQ(syscall(SYS_set_mempolicy, MPOL_BIND | MPOL_F_STATIC_NODES, far, 2), 0);
	expect_policy(MPOL_BIND | MPOL_F_STATIC_NODES, 1);
}

TEST(policy_of_a_range)
{
	char *map = pages(4);
	uint64_t nodes;
	int mode;

	one_node();
	EXPECT_EQ(bind_range(map + PAGE, 2 * PAGE, MPOL_BIND, 1, 0), 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_EQ(get_policy(&mode, &nodes, map + i * PAGE, MPOL_F_ADDR), 0);
		EXPECT_EQ(mode, i == 1 || i == 2 ? MPOL_BIND : MPOL_DEFAULT);
		EXPECT_EQ(nodes, i == 1 || i == 2 ? 1 : 0);
	}
	/* It goes with the mapping, not with the address. */
	MUST(mmap(map + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	EXPECT_EQ(get_policy(&mode, &nodes, map + PAGE, MPOL_F_ADDR), 0);
	EXPECT_EQ(mode, MPOL_DEFAULT);
	EXPECT_EXIT(IN_CHILD({
		EXPECT_EQ(get_policy(&mode, &nodes, map + 2 * PAGE, MPOL_F_ADDR), 0);
		EXPECT_EQ(mode, MPOL_BIND);
	}), 0);
	EXPECT_EQ(get_policy(&mode, &nodes, map, MPOL_F_ADDR | MPOL_F_NODE), 0);
	EXPECT_EQ(mode, 0);
	MUST(munmap(map + 3 * PAGE, PAGE));
	EXPECT_ERRNO(bind_range(map, 4 * PAGE, MPOL_BIND, 1, 0), EFAULT);
	EXPECT_EQ(bind_range(map, 4 * PAGE, MPOL_DEFAULT, 0, 0), 0);
	EXPECT_ERRNO(bind_range(map + 3 * PAGE, PAGE, MPOL_DEFAULT, 0, 0), EFAULT);
	EXPECT_ERRNO(bind_range(map + 1, PAGE, MPOL_BIND, 1, 0), EINVAL);
	EXPECT_ERRNO(bind_range(map, PAGE, MPOL_BIND, 1, 0x80), EINVAL);
	EXPECT_EQ(bind_range(map, 0, MPOL_BIND, 1, 0), 0);
	EXPECT_ERRNO(get_policy(&mode, &nodes, map + 3 * PAGE, MPOL_F_ADDR), EFAULT);
	EXPECT_ERRNO(get_policy(&mode, &nodes, map, 0), EINVAL);
	EXPECT_ERRNO(get_policy(&mode, &nodes, NULL, MPOL_F_NODE), EINVAL);
	EXPECT_ERRNO(get_policy(&mode, &nodes, NULL, 0x80), EINVAL);
	EXPECT_EQ(get_policy(&mode, &nodes, NULL, MPOL_F_MEMS_ALLOWED), 0);
	EXPECT_EQ(nodes, 1);
	/* Pages that are not where the caller wants them, and not to be moved. */
	map[0] = 1;
	EXPECT_ERRNO(bind_range(map, PAGE, MPOL_LOCAL, 0, MPOL_MF_STRICT), EIO);
	EXPECT_EQ(bind_range(map, PAGE, MPOL_BIND, 1, MPOL_MF_STRICT), 0);
}

TEST(home_node)
{
	char *map = pages(1);

	one_node();
	EXPECT_ERRNO(syscall(SET_HOME_NODE, map, PAGE, 0, 0), ENOENT);
	MUST(bind_range(map, PAGE, MPOL_BIND, 1, 0));
	EXPECT_EQ(syscall(SET_HOME_NODE, map, PAGE, 0, 0), 0);
	EXPECT_ERRNO(syscall(SET_HOME_NODE, map, PAGE, 1, 0), EINVAL);
	EXPECT_ERRNO(syscall(SET_HOME_NODE, map, PAGE, 0, 1), EINVAL);
	MUST(bind_range(map, PAGE, MPOL_INTERLEAVE, 1, 0));
	EXPECT_ERRNO(syscall(SET_HOME_NODE, map, PAGE, 0, 0), EOPNOTSUPP);
}

TEST(where_pages_are)
{
	char *map = pages(3);
	void *list[4] = { map, map + PAGE, map + 2 * PAGE, (void *)PAGE };
	int nodes[4] = { 0, 0, 0, 0 }, status[4] = { 7, 7, 7, 7 };

	one_node();
	map[0] = map[2 * PAGE] = 1;
	EXPECT_EQ(syscall(SYS_move_pages, 0, 4, list, NULL, status, 0), 0);
	EXPECT_EQ(status[0], 0);
	EXPECT_EQ(status[1], -EFAULT);
	EXPECT_EQ(status[2], 0);
	EXPECT_EQ(status[3], -EFAULT);
	/* Read only, it is the page of zeros, which is nobody's. */
	EXPECT_EQ(*(volatile char *)(map + PAGE), 0);
	EXPECT_EQ(syscall(SYS_move_pages, 0, 2, list, NULL, status, 0), 0);
	EXPECT_EQ(status[1], -EFAULT);
	EXPECT_EQ(syscall(SYS_move_pages, 0, 3, list, nodes, status, MPOL_MF_MOVE), 0);
	EXPECT_EQ(status[0], 0);
	nodes[1] = 1;
	EXPECT_ERRNO(syscall(SYS_move_pages, 0, 3, list, nodes, status, MPOL_MF_MOVE), ENODEV);
	list[1] = MUST(mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	EXPECT_EQ(syscall(SYS_move_pages, 0, 2, list, NULL, status, 0), 0);
	EXPECT_EQ(status[1], -ENOENT);
	EXPECT_ERRNO(syscall(SYS_move_pages, 0, 1, list, NULL, 8, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_move_pages, 0, 1, 8, NULL, status, 0), EFAULT);
	EXPECT_ERRNO(syscall(SYS_move_pages, 4000000, 1, list, NULL, status, 0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_move_pages, 0, 1, list, NULL, status, 1), EINVAL);
}

TEST(moving_a_process)
{
	uint64_t node0 = 1, node1 = 2, both = 3;

	one_node();
	need_root();
	EXPECT_EQ(syscall(SYS_migrate_pages, 0, 64, &both, &node0), 0);
	EXPECT_ERRNO(syscall(SYS_migrate_pages, 0, 64, &node0, &node1), EINVAL);
	EXPECT_ERRNO(syscall(SYS_migrate_pages, 4000000, 64, &node0, &node0), ESRCH);
	EXPECT_ERRNO(syscall(SYS_migrate_pages, 0, 64, 8, &node0), EFAULT);
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid(1000, 1000, 1000));
		EXPECT_ERRNO(syscall(SYS_migrate_pages, getppid(), 64, &node0, &node0), EPERM);
		EXPECT_ERRNO(syscall(SYS_migrate_pages, 0, 64, &node0, &node1), EPERM);
		EXPECT_EQ(syscall(SYS_migrate_pages, 0, 64, &node0, &node0), 0);
		EXPECT_ERRNO(bind_range(pages(1), PAGE, MPOL_BIND, 1, MPOL_MF_MOVE_ALL), EPERM);
	}), 0);
}
