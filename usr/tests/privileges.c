/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may become whom and do what: every set*id call from every state of the three ids, what
 * becomes of capabilities on the way, and the calls that ask for one.
 */
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "helpers.h"

#define SAME ((uid_t)-1)

/* C libraries change the ids of all threads: the bare calls are meant. */
static int setresuid_(uid_t r, uid_t e, uid_t s)
{
	return (int)syscall(SYS_setresuid, r, e, s);
}

struct caps {
	uint64_t effective, permitted, inheritable;
};

static struct caps get_caps(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	MUST(syscall(SYS_capget, &head, data));
	return (struct caps){ data[0].effective | (uint64_t)data[1].effective << 32,
			      data[0].permitted | (uint64_t)data[1].permitted << 32,
			      data[0].inheritable | (uint64_t)data[1].inheritable << 32 };
}

static int set_caps(struct caps c)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)c.effective, (uint32_t)c.permitted, (uint32_t)c.inheritable },
		{ (uint32_t)(c.effective >> 32), (uint32_t)(c.permitted >> 32),
		  (uint32_t)(c.inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &head, data);
}

static void expect_ids(uid_t r, uid_t e, uid_t s)
{
	uid_t ids[3];

	MUST(getresuid(&ids[0], &ids[1], &ids[2]));
	if (ids[0] != r || ids[1] != e || ids[2] != s)
		FAIL("ids are %d %d %d, wanted %d %d %d", ids[0], ids[1], ids[2], r, e, s);
	EXPECT_EQ(setfsuid(SAME), e);
}

/* What a call makes of the ids; ok false: EPERM, and they stay. */
struct step {
	uid_t before[3];
	enum { UID, REUID, RESUID } call;
	uid_t args[3];
	bool ok;
	uid_t after[3];
};

static const struct step steps[] = {
	/* Root: setuid sets all three, setreuid the saved one too. */
	{ { 0, 0, 0 }, UID, { 5 }, true, { 5, 5, 5 } },
	{ { 0, 0, 0 }, REUID, { SAME, 5 }, true, { 0, 5, 5 } },
	{ { 0, 0, 0 }, REUID, { 5, SAME }, true, { 5, 0, 0 } },
	{ { 0, 0, 0 }, REUID, { SAME, 0 }, true, { 0, 0, 0 } },
	{ { 0, 0, 0 }, RESUID, { 5, 6, 7 }, true, { 5, 6, 7 } },
	/* Root in disguise: the effective id decides. */
	{ { 0, 5, 0 }, UID, { 0 }, true, { 0, 0, 0 } },
	{ { 0, 5, 0 }, UID, { 6 }, false },
	{ { 0, 5, 6 }, UID, { 6 }, true, { 0, 6, 6 } },
	{ { 5, 0, 6 }, UID, { 7 }, true, { 7, 7, 7 } },
	/* A user: among its own three, and setreuid's real one among two. */
	{ { 5, 6, 7 }, UID, { 7 }, true, { 5, 7, 7 } },
	{ { 5, 6, 7 }, UID, { 5 }, true, { 5, 5, 7 } },
	{ { 5, 6, 7 }, UID, { 6 }, false },
	{ { 5, 6, 7 }, REUID, { 7, SAME }, false },
	{ { 5, 6, 7 }, REUID, { 6, 5 }, true, { 6, 5, 5 } },
	{ { 5, 6, 7 }, REUID, { SAME, 7 }, true, { 5, 7, 7 } },
	{ { 5, 6, 7 }, REUID, { SAME, 5 }, true, { 5, 5, 7 } },
	{ { 5, 6, 7 }, REUID, { SAME, 8 }, false },
	{ { 5, 6, 7 }, RESUID, { 7, 5, 6 }, true, { 7, 5, 6 } },
	{ { 5, 6, 7 }, RESUID, { SAME, SAME, 5 }, true, { 5, 6, 5 } },
	{ { 5, 6, 7 }, RESUID, { SAME, SAME, 8 }, false },
	{ { 5, 6, 7 }, RESUID, { 8, SAME, SAME }, false },
	{ { 5, 5, 5 }, REUID, { SAME, SAME }, true, { 5, 5, 5 } },
};

static long call(const struct step *s)
{
	switch (s->call) {
	case UID:
		return syscall(SYS_setuid, s->args[0]);
	case REUID:
		return syscall(SYS_setreuid, s->args[0], s->args[1]);
	default:
		return syscall(SYS_setresuid, s->args[0], s->args[1], s->args[2]);
	}
}

/* The same for groups: a capability of its own decides, and the effective group does not. */
static long group_call(const struct step *s)
{
	switch (s->call) {
	case UID:
		return syscall(SYS_setgid, s->args[0]);
	case REUID:
		return syscall(SYS_setregid, s->args[0], s->args[1]);
	default:
		return syscall(SYS_setresgid, s->args[0], s->args[1], s->args[2]);
	}
}

TEST(user_ids)
{
	need_root();
	SKIP_IN_EMULATOR("ids are the host's");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const struct step *s = &steps[i];
		const uid_t *want = s->ok ? s->after : s->before;

		EXPECT_EXIT(IN_CHILD({
			MUST(setresuid_(s->before[0], s->before[1], s->before[2]));
			errno = 0;
			if ((call(s) == 0) != s->ok || errno != (s->ok ? 0 : EPERM))
				FAIL("step %zu: errno %d", i, errno);
			expect_ids(want[0], want[1], want[2]);
		}), 0);
	}
}

TEST(group_ids)
{
	need_root();
	SKIP_IN_EMULATOR("ids are the host's");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const struct step *s = &steps[i];
		const uid_t *want = s->ok ? s->after : s->before;
		gid_t ids[3];

		if (s->before[1] == 0 && s->before[0] != s->before[1])
			continue;
		EXPECT_EXIT(IN_CHILD({
			MUST(syscall(SYS_setresgid, s->before[0], s->before[1], s->before[2]));
			/* Group 0 is nobody special: the user is, where the table's user was. */
			if (s->before[1])
				MUST(setresuid_(1000, 1000, 1000));
			errno = 0;
			if ((group_call(s) == 0) != s->ok)
				FAIL("step %zu: errno %d", i, errno);
			MUST(getresgid(&ids[0], &ids[1], &ids[2]));
			EXPECT_EQ(ids[0], want[0]);
			EXPECT_EQ(ids[1], want[1]);
			EXPECT_EQ(ids[2], want[2]);
		}), 0);
	}
}

TEST(capabilities_follow_the_ids)
{
	uint64_t all;

	need_root();
	SKIP_IN_EMULATOR("capabilities are the host's");
	all = get_caps().permitted;
	/* The effective id alone: they sleep and come back. */
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid_(SAME, 5, SAME));
		EXPECT_EQ(get_caps().effective, 0);
		EXPECT_EQ(get_caps().permitted, all);
		MUST(setresuid_(SAME, 0, SAME));
		EXPECT_EQ(get_caps().effective, all);
	}), 0);
	/* The last 0 of the three: they are gone. */
	EXPECT_EXIT(IN_CHILD({
		MUST(setresuid_(5, 5, 0));
		EXPECT_EQ(get_caps().permitted, all);
		MUST(setresuid_(SAME, SAME, 5));
		EXPECT_EQ(get_caps().permitted, 0);
	}), 0);
	/* Kept, though asleep, by PR_SET_KEEPCAPS; all as it was by NO_SETUID_FIXUP. */
	EXPECT_EXIT(IN_CHILD({
		MUST(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		MUST(setresuid_(5, 5, 5));
		EXPECT_EQ(get_caps().permitted, all);
		EXPECT_EQ(get_caps().effective, 0);
		MUST(set_caps((struct caps){ 1 << CAP_CHOWN, all, 0 }));
		put_text("/tmp/capfile", "x");
		MUST(chown("/tmp/capfile", 6, 6));
		unlink("/tmp/capfile");
	}), 0);
	EXPECT_EXIT(IN_CHILD({
		MUST(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
		MUST(setresuid_(5, 5, 5));
		EXPECT_EQ(get_caps().effective, all);
	}), 0);
	/* The file system id takes those about files along. */
	EXPECT_EXIT(IN_CHILD({
		setfsuid(5);
		EXPECT(!(get_caps().effective & 1 << CAP_DAC_OVERRIDE));
		EXPECT(get_caps().effective & 1 << CAP_SYS_TIME);
		setfsuid(0);
		EXPECT_EQ(get_caps().effective, all);
	}), 0);
}

TEST(capabilities_only_go_down)
{
	uint64_t all;

	need_root();
	SKIP_IN_EMULATOR("capabilities are the host's");
	all = get_caps().permitted;
	EXPECT_EXIT(IN_CHILD({
		const uint64_t few = all & ~(1ull << CAP_SYS_ADMIN);

		MUST(set_caps((struct caps){ few, few, 0 }));
		EXPECT_ERRNO(set_caps((struct caps){ all, all, 0 }), EPERM);
		EXPECT_ERRNO(set_caps((struct caps){ all, few, 0 }), EPERM);
		EXPECT_ERRNO(mount("none", "/", "tmpfs", 0, NULL), EPERM);
		/* The bounding set, and what is inherited. */
		EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_SYS_BOOT, 0, 0, 0), 1);
		MUST(prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0));
		EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_SYS_BOOT, 0, 0, 0), 0);
		EXPECT_ERRNO(prctl(PR_CAPBSET_READ, 64, 0, 0, 0), EINVAL);
		/* Ambient ones have to be permitted and inheritable. */
		EXPECT_ERRNO(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0), EPERM);
		MUST(set_caps((struct caps){ few, few, 1 << CAP_CHOWN }));
		MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
		EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0), 1);
		MUST(set_caps((struct caps){ few, few, 0 }));
		EXPECT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0), 0);
		MUST(set_caps((struct caps){ 0, 0, 0 }));
		EXPECT_ERRNO(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0), EPERM);
	}), 0);
}

static int try_kill(void) { return kill(1, 0); }
static int try_chroot(void) { return chroot("/"); }
static int try_mount(void) { return mount("none", "m", "tmpfs", 0, NULL); }
static int try_umount(void) { return umount2("m", 0); }
static int try_hostname(void) { return sethostname("x", 1); }
static int try_settime(void) { return settimeofday(&(struct timeval){ -1, 0 }, NULL); }
static int try_reboot(void) { return reboot(RB_DISABLE_CAD); }
static int try_nice(void) { return setpriority(PRIO_PROCESS, 0, -5); }
static int try_groups(void) { return (int)syscall(SYS_setgroups, 0, NULL); }
static int try_rlimit(void)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_max++;
	return setrlimit(RLIMIT_NOFILE, &r);
}
static int try_mknod(void)
{
	return (int)syscall(SYS_mknodat, -100, "node", 0020600, 0x103);
}

/* A call and the capability it asks for: with that one alone it is allowed, without refused. */
static const struct guarded {
	const char *name;
	int (*call)(void);
	int cap, refused;
	int allowed;		/* errno of the allowed call: what it then finds wrong */
} guarded[] = {
	{ "kill", try_kill, CAP_KILL, EPERM, 0 },
	{ "chroot", try_chroot, CAP_SYS_CHROOT, EPERM, 0 },
	{ "mount", try_mount, CAP_SYS_ADMIN, EPERM, 0 },
	{ "umount", try_umount, CAP_SYS_ADMIN, EPERM, EINVAL },
	{ "sethostname", try_hostname, CAP_SYS_ADMIN, EPERM, 0 },
	{ "settimeofday", try_settime, CAP_SYS_TIME, EINVAL, EINVAL },
	{ "reboot", try_reboot, CAP_SYS_BOOT, EPERM, 0 },
	{ "setpriority", try_nice, CAP_SYS_NICE, EACCES, 0 },
	{ "setgroups", try_groups, CAP_SETGID, EPERM, 0 },
	{ "setrlimit", try_rlimit, CAP_SYS_RESOURCE, EPERM, 0 },
	{ "mknod", try_mknod, CAP_MKNOD, EPERM, 0 },
};

TEST(calls_and_their_capability)
{
	uint64_t all;

	need_root();
	SKIP_IN_EMULATOR("capabilities are the host's");
	all = get_caps().permitted;
	MUST(mkdir("m", 0777));
	MUST(chmod(".", 0777));
	for (size_t i = 0; i < ARRAY_SIZE(guarded); i++) {
		const struct guarded *g = &guarded[i];

		for (int with = 0; with < 2; with++) {
			uint64_t one = with ? 1ull << g->cap : all & ~(1ull << g->cap);
			int want = with ? g->allowed : g->refused;

			EXPECT_EXIT(IN_CHILD({
				MUST(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
				MUST(setresuid_(1000, 1000, 1000));
				MUST(set_caps((struct caps){ one, one, 0 }));
				errno = 0;
				g->call();
				if (errno != want)
					FAIL("%s %s its capability: errno %d, wanted %d", g->name,
					     with ? "with" : "without", errno, want);
				if (with && g->call == try_mount)
					umount2("m", 0);
			}), 0);
		}
	}
	sethostname("tessera", 7);
}

TEST(no_new_privileges)
{
	SKIP_IN_EMULATOR("the host's");
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EXIT(IN_CHILD({ return_status = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1; }), 0);
	EXPECT_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
}

TEST(settings_of_processes)
{
	int value = 77;

	SKIP_IN_EMULATOR("the host's");
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	MUST(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	EXPECT_ERRNO(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL);
	MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	MUST(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0));
	EXPECT_EQ(value, SIGUSR1);
	EXPECT_ERRNO(prctl(PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL);
	EXPECT_EXIT(IN_CHILD({
		MUST(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0));
		return_status = value;
	}), 0);
	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	MUST(prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0));
	EXPECT_EQ(value, 1);
	MUST(prctl(PR_SET_TIMERSLACK, 12345, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
	MUST(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 50000);
	EXPECT_ERRNO(prctl(9999, 0, 0, 0, 0), EINVAL);
}

/* ---- queues of signals ---- */

TEST(as_many_signals_as_the_limit_says)
{
	struct rlimit limit = { 5, 5 };
	sigset_t set;
	int n = 0;

	need_root();
	SKIP_IN_EMULATOR("the host's");
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	EXPECT_EXIT(IN_CHILD({
		MUST(sigprocmask(SIG_BLOCK, &set, NULL));
		MUST(setrlimit(RLIMIT_SIGPENDING, &limit));
		MUST(setresuid_(4711, 4711, 4711));
		while (sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = n }) == 0)
			n++;
		EXPECT_EQ(errno, EAGAIN);
		EXPECT_EQ(n, 5);
		/* kill goes through, with nothing to tell; a classic one is kept at most once. */
		MUST(kill(getpid(), SIGRTMIN));
		MUST(kill(getpid(), SIGUSR1));
		for (int i = 0; i < 5; i++) {
			siginfo_t info;

			EXPECT_EQ(sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }),
				  i ? SIGRTMIN : SIGUSR1);
			if (i)
				EXPECT_EQ(info.si_value.sival_int, i - 1);
		}
	}), 0);
}
