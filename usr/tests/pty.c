/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pseudo terminals: the pair and its names, what passes through, and what each side hears when
 * the other goes. Sessions and job control on them are in pty_job.c.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "pty.h"

TEST(names_and_numbers)
{
	struct pair p = open_pair();
	char name[32], link[64] = "";
	unsigned int nr;
	struct stat st;

	SKIP_IN_EMULATOR("numbers of the host's devpts");
	MUST(ioctl(p.master, TIOCGPTN, &nr));
	snprintf(name, sizeof(name), "/dev/pts/%u", nr);
	EXPECT_STREQ(p.name, name);
	MUST(stat(name, &st));
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(major(st.st_rdev), 136);
	EXPECT_EQ(minor(st.st_rdev), nr);
	EXPECT_EQ(st.st_uid, getuid());
	snprintf(name, sizeof(name), "/proc/self/fd/%d", p.slave);
	EXPECT_GT(readlink(name, link, sizeof(link) - 1), 0);
	EXPECT_STREQ(link, p.name);
	EXPECT_STREQ(ttyname(p.slave), p.name);
	EXPECT(isatty(p.slave) && isatty(p.master));
	EXPECT_ERRNO(lseek(p.master, 0, SEEK_CUR), ESPIPE);
	EXPECT_ERRNO(ioctl(p.slave, TIOCGPTN, &nr), ENOTTY);
	MUST(close(p.slave));
	MUST(close(p.master));
	EXPECT_ERRNO(stat(p.name, &st), ENOENT);
}

TEST(locked_until_unlocked)
{
	int master = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY)), on, off = 0;
	char name[64];

	MUST(ioctl(master, TIOCGPTLCK, &on));
	EXPECT_EQ(on, 1);
	EXPECT_EQ(ptsname_r(master, name, sizeof(name)), 0);
	EXPECT_ERRNO(open(name, O_RDWR | O_NOCTTY), EIO);
	MUST(ioctl(master, TIOCSPTLCK, &off));
	MUST(ioctl(master, TIOCGPTLCK, &on));
	EXPECT_EQ(on, 0);
	MUST(open(name, O_RDWR | O_NOCTTY));
	EXPECT_ERRNO(ioctl(master, TIOCSPTLCK, 8), EFAULT);
}

TEST(peer_without_a_name)
{
	struct pair p = open_pair();
	int fd, flags;

	SKIP_IN_EMULATOR("TIOCGPTPEER");
	fd = MUST(ioctl(p.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	flags = fcntl(fd, F_GETFL);
	EXPECT_EQ(flags & (O_ACCMODE | O_NONBLOCK), O_RDWR | O_NONBLOCK);
	EXPECT_STREQ(ttyname(fd), p.name);
	EXPECT_ERRNO(ioctl(p.slave, TIOCGPTPEER, O_RDWR), EIO);
	flags = 1;
	MUST(ioctl(p.master, TIOCSPTLCK, &flags));
	EXPECT_ERRNO(ioctl(p.master, TIOCGPTPEER, O_RDWR | O_NOCTTY), EIO);
}

TEST(lines_and_echo)
{
	struct pair p = open_pair();
	char buf[64];

	type(&p, "hello\r");
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 6);
	EXPECT_MEMEQ(buf, "hello\n", 6);
	expect_shown(&p, "hello\r\n");
	EXPECT_EQ(write(p.slave, "a\nb", 3), 3);
	expect_shown(&p, "a\r\nb");
	type(&p, "ab\x7f" "c\x15" "xy z\x17w\r");
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 5);
	EXPECT_MEMEQ(buf, "xy w\n", 5);
	expect_shown(&p, "ab\b \bc\b \b\b \bxy z\b \bw\r\n");
	type(&p, "\x04");
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 0);
}

TEST(raw_bytes_pass_both_ways)
{
	struct pair p = open_pair();
	unsigned char all[256], back[256];

	make_raw(p.slave);
	for (int i = 0; i < 256; i++)
		all[i] = i;
	EXPECT_EQ(write(p.master, all, 256), 256);
	EXPECT_EQ(read(p.slave, back, 256), 256);
	EXPECT_MEMEQ(all, back, 256);
	EXPECT_EQ(write(p.slave, all, 256), 256);
	memset(back, 0, sizeof(back));
	EXPECT_EQ(read(p.master, back, 256), 256);
	EXPECT_MEMEQ(all, back, 256);
}

TEST(settings_are_the_pairs)
{
	struct pair p = open_pair();
	struct termios t, u;

	MUST(tcgetattr(p.slave, &t));
	EXPECT_EQ(t.c_iflag, ICRNL | IXON);
	EXPECT_EQ(t.c_oflag, OPOST | ONLCR);
	EXPECT_EQ(t.c_cflag, B38400 | CS8 | CREAD);
	EXPECT_EQ(t.c_lflag, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN);
	t.c_lflag &= ~ECHO;
	t.c_cflag = (t.c_cflag & ~CSIZE) | CS5 | PARENB;
	MUST(tcsetattr(p.master, TCSADRAIN, &t));
	MUST(tcgetattr(p.slave, &u));
	EXPECT_EQ(u.c_lflag & ECHO, 0);
	EXPECT_EQ(u.c_cflag & (CSIZE | PARENB), CS8);
	MUST(tcgetattr(p.master, &t));
	EXPECT_EQ(t.c_lflag, u.c_lflag);
	EXPECT_ERRNO(ioctl(p.master, TIOCMGET, &t), ENOTTY);
}

TEST(draining_does_not_wait_for_the_master)
{
	struct pair p = open_pair();
	struct termios t;
	int n = -1;

	EXPECT_EQ(write(p.slave, "unread", 6), 6);
	MUST(tcdrain(p.slave));
	MUST(tcgetattr(p.slave, &t));
	MUST(tcsetattr(p.slave, TCSADRAIN, &t));
	MUST(ioctl(p.slave, TIOCOUTQ, &n));
	EXPECT_EQ(n, 0);
	EXPECT_EQ(wait_readable(p.master), POLLIN | POLLOUT);
	MUST(ioctl(p.master, FIONREAD, &n));
	EXPECT_EQ(n, 6);
	expect_shown(&p, "unread");
}

TEST(window_size_is_the_pairs)
{
	struct winsize set = { 40, 132, 3, 4 }, got;
	struct pair p = open_pair();

	MUST(ioctl(p.slave, TIOCGWINSZ, &got));
	EXPECT(!got.ws_row && !got.ws_col);
	MUST(ioctl(p.master, TIOCSWINSZ, &set));
	MUST(ioctl(p.slave, TIOCGWINSZ, &got));
	EXPECT_MEMEQ(&set, &got, sizeof(got));
	set.ws_row = 41;
	MUST(ioctl(p.slave, TIOCSWINSZ, &set));
	MUST(ioctl(p.master, TIOCGWINSZ, &got));
	EXPECT_EQ(got.ws_row, 41);
}

/* ---- the other side goes ---- */

TEST(master_after_the_last_slave)
{
	struct pair p = open_pair();
	char buf[8];

	MUST(fcntl(p.master, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(read(p.master, buf, 8), EAGAIN);
	EXPECT_EQ(write(p.slave, "bye", 3), 3);
	MUST(close(p.slave));
	EXPECT_EQ(poll_now(p.master, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLHUP);
	EXPECT_EQ(read(p.master, buf, 8), 3);
	EXPECT_ERRNO(read(p.master, buf, 8), EIO);
	EXPECT_EQ(poll_now(p.master, POLLIN | POLLOUT), POLLOUT | POLLHUP);
	EXPECT_EQ(write(p.master, "kept\r", 5), 5);
	p.slave = MUST(open(p.name, O_RDWR | O_NOCTTY));
	EXPECT_EQ(poll_now(p.master, POLLIN | POLLOUT) & POLLHUP, 0);
	EXPECT_EQ(read(p.slave, buf, 8), 5);
	expect_shown(&p, "kept\r\n");
	EXPECT_ERRNO(read(p.master, buf, 8), EAGAIN);
}

TEST(master_before_the_first_slave)
{
	int master = MUST(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
	char buf[16];

	EXPECT_ERRNO(read(master, buf, 8), EAGAIN);
	EXPECT_EQ(poll_now(master, POLLIN | POLLOUT), POLLOUT);
	EXPECT_EQ(write(master, "early\r", 6), 6);
	EXPECT_EQ(wait_readable(master), POLLIN | POLLOUT);
	EXPECT_EQ(read(master, buf, 16), 7);
	MUST(unlockpt(master));
	EXPECT_EQ(read(MUST(open(ptsname(master), O_RDWR | O_NOCTTY)), buf, 16), 6);
}

TEST(a_blocked_master_is_woken_by_the_last_close)
{
	struct pair p = open_pair();
	pid_t child = must_fork();
	char c;

	if (child == 0) {
		close(p.slave);
		EXPECT_ERRNO(read(p.master, &c, 1), EIO);
		_exit(0);
	}
	wait_for_state(child, 'S');
	MUST(close(p.slave));
	EXPECT_EXIT(wait_status(child), 0);
}

TEST(slave_after_the_master)
{
	struct pair p = open_pair();
	struct termios t;
	char c;

	type(&p, "lost");
	MUST(close(p.master));
	EXPECT_EQ(read(p.slave, &c, 1), 0);
	EXPECT_ERRNO(write(p.slave, "x", 1), EIO);
	EXPECT_EQ(poll_now(p.slave, POLLIN | POLLOUT), POLLIN | POLLOUT | POLLERR | POLLHUP);
	EXPECT_ERRNO(tcgetattr(p.slave, &t), EIO);
	EXPECT_ERRNO(open(p.name, O_RDWR | O_NOCTTY), ENOENT);
}

TEST(a_blocked_slave_is_woken_by_the_master)
{
	struct pair p = open_pair();
	pid_t child = must_fork();
	char c;

	if (child == 0) {
		close(p.master);
		EXPECT_ERRNO(read(p.slave, &c, 1), EIO);
		_exit(0);
	}
	wait_for_state(child, 'S');
	MUST(close(p.master));
	EXPECT_EXIT(wait_status(child), 0);
}

/* ---- flow ---- */

/* Reads until `want` bytes came or a second passed without any. */
static long read_all(int fd, long want)
{
	char block[512];
	long got = 0;
	ssize_t n;

	while (got < want && wait_readable(fd) & POLLIN && (n = read(fd, block, sizeof(block))) > 0)
		got += n;
	return got;
}

TEST(a_full_queue_blocks_and_polls)
{
	struct pair p = open_pair();
	char block[512];
	long out = 0, in;
	ssize_t n;

	memset(block, 'x', sizeof(block));
	make_raw(p.slave);
	MUST(fcntl(p.slave, F_SETFL, O_NONBLOCK));
	MUST(fcntl(p.master, F_SETFL, O_NONBLOCK));
	while ((n = write(p.slave, block, sizeof(block))) > 0 && out < 1 << 20)
		out += n;
	EXPECT(n == -1 && errno == EAGAIN && out >= 2048);
	EXPECT_EQ(poll_now(p.slave, POLLOUT), 0);
	in = read_all(p.master, out);
	EXPECT_EQ(in, out);
	EXPECT_EQ(poll_now(p.slave, POLLOUT), POLLOUT);
	out = 0;
	while ((n = write(p.master, block, sizeof(block))) > 0 && out < 1 << 20)
		out += n;
	EXPECT(n == -1 && errno == EAGAIN && out >= 2048);
	in = read_all(p.slave, out);
	EXPECT_EQ(in, out);
	EXPECT_EQ(poll_now(p.master, POLLOUT), POLLOUT);
}

#define BULK (512 * 1024)

/* Writes BULK bytes that count; or reads and checks them. */
static int pump(int fd, bool out)
{
	static unsigned char block[1000];
	long at = 0;

	while (at < BULK) {
		size_t want = BULK - at < (long)sizeof(block) ? BULK - at : sizeof(block);
		ssize_t n;

		for (size_t i = 0; out && i < want; i++)
			block[i] = (at + i) % 251;
		n = out ? write(fd, block, want) : read(fd, block, want);
		if (n <= 0)
			return 1;
		for (ssize_t i = 0; !out && i < n; i++)
			if (block[i] != (at + i) % 251)
				return 2;
		at += n;
	}
	return 0;
}

TEST(bulk_both_ways_at_once)
{
	struct pair p = open_pair();
	pid_t children[3];

	make_raw(p.slave);
	for (int i = 0; i < 3; i++) {
		children[i] = must_fork();
		if (children[i] == 0)
			_exit(i == 0 ? pump(p.master, true) : i == 1 ? pump(p.slave, false) :
			      pump(p.slave, true));
	}
	EXPECT_EQ(pump(p.master, false), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(wait_status(children[i]), 0);
}

TEST(xoff_holds_what_comes_after_it)
{
	struct pair p = open_pair();

	EXPECT_EQ(write(p.slave, "before", 6), 6);
	type(&p, "\x13");
	sleep_ms(20);
	MUST(fcntl(p.slave, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(write(p.slave, "after", 5), EAGAIN);
	EXPECT_EQ(poll_now(p.slave, POLLOUT), 0);
	expect_shown(&p, "before");
	type(&p, "\x11");
	sleep_ms(20);
	EXPECT_EQ(write(p.slave, "after", 5), 5);
	expect_shown(&p, "after");
	MUST(tcflow(p.slave, TCOOFF));
	EXPECT_ERRNO(write(p.slave, "x", 1), EAGAIN);
	MUST(tcflow(p.slave, TCOON));
	EXPECT_EQ(write(p.slave, "x", 1), 1);
}

TEST(packet_mode)
{
	struct pair p = open_pair();
	unsigned char buf[64];
	struct termios t;
	int on = 1;

	SKIP_IN_EMULATOR("TIOCPKT");
	MUST(ioctl(p.master, TIOCPKT, &on));
	EXPECT_EQ(write(p.slave, "data", 4), 4);
	EXPECT_EQ(wait_readable(p.master) & POLLIN, POLLIN);
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 5);
	EXPECT_MEMEQ(buf, "\0data", 5);
	MUST(tcflush(p.slave, TCIFLUSH));
	EXPECT_EQ(poll_now(p.master, POLLIN | POLLPRI), POLLIN | POLLPRI);
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 1);
	EXPECT_EQ(buf[0], TIOCPKT_FLUSHREAD);
	MUST(tcgetattr(p.slave, &t));
	t.c_iflag &= ~IXON;
	MUST(tcsetattr(p.slave, TCSANOW, &t));
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 1);
	EXPECT_EQ(buf[0], TIOCPKT_NOSTOP);
	MUST(tcflow(p.slave, TCOOFF));
	MUST(tcflow(p.slave, TCOON));
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 1);
	EXPECT_EQ(buf[0], TIOCPKT_START);
	on = 0;
	MUST(ioctl(p.master, TIOCPKT, &on));
	EXPECT_EQ(write(p.slave, "plain", 5), 5);
	expect_shown(&p, "plain");
}

/* ---- who may open ---- */

TEST(exclusive_keeps_others_out)
{
	struct pair p = open_pair();

	need_root();
	SKIP_IN_EMULATOR("TIOCEXCL");
	MUST(chmod(p.name, 0666));
	MUST(ioctl(p.slave, TIOCEXCL));
	close(MUST(open(p.name, O_RDWR | O_NOCTTY)));
	EXPECT_EXIT(IN_CHILD({
		MUST(setuid(1000));
		EXPECT_ERRNO(open(p.name, O_RDWR | O_NOCTTY), EBUSY);
		MUST(ioctl(p.slave, TIOCNXCL));
		MUST(open(p.name, O_RDWR | O_NOCTTY));
	}), 0);
	MUST(chmod(p.name, 0600));
	EXPECT_EXIT(IN_CHILD({
		MUST(setuid(1000));
		EXPECT_ERRNO(open(p.name, O_RDWR | O_NOCTTY), EACCES);
	}), 0);
}

TEST(each_mount_is_an_instance)
{
	unsigned int nr;
	struct stat st;
	int fd, zero = 0;

	need_root();
	SKIP_IN_EMULATOR("mounts");
	MUST(mkdir("dev", 0755));
	MUST(mount("dev", "dev", "tmpfs", 0, NULL)); /* /tmp may be nodev */
	MUST(chdir("dev"));
	MUST(mkdir("pts", 0755));
	MUST(mount("devpts", "pts", "devpts", 0, "newinstance,uid=7,gid=5,mode=0620,ptmxmode=0666,max=2"));
	MUST(stat("pts/ptmx", &st));
	EXPECT(S_ISCHR(st.st_mode) && st.st_rdev == makedev(5, 2) && (st.st_mode & 07777) == 0666);
	fd = MUST(open("pts/ptmx", O_RDWR | O_NOCTTY));
	MUST(ioctl(fd, TIOCGPTN, &nr));
	EXPECT_EQ(nr, 0);
	MUST(stat("pts/0", &st));
	EXPECT(st.st_uid == 7 && st.st_gid == 5 && (st.st_mode & 07777) == 0620);
	MUST(ioctl(fd, TIOCSPTLCK, &zero));
	MUST(open("pts/0", O_RDWR | O_NOCTTY));
	MUST(open("pts/ptmx", O_RDWR | O_NOCTTY));
	EXPECT_ERRNO(open("pts/ptmx", O_RDWR | O_NOCTTY), ENOSPC);
	/* A ptmx elsewhere finds the instance beside it. */
	MUST(mknod("ptmx", S_IFCHR | 0666, makedev(5, 2)));
	EXPECT_ERRNO(open("ptmx", O_RDWR | O_NOCTTY), ENOSPC);
	MUST(mkdir("lonely", 0755));
	MUST(mknod("lonely/ptmx", S_IFCHR | 0666, makedev(5, 2)));
	EXPECT_ERRNO(open("lonely/ptmx", O_RDWR | O_NOCTTY), ENOENT);
	MUST(mkdir("lonely/pts", 0755));
	EXPECT_ERRNO(open("lonely/ptmx", O_RDWR | O_NOCTTY), ENODEV);
	/* And a number elsewhere is no terminal. */
	MUST(mknod("zero", S_IFCHR | 0666, makedev(136, 0)));
	EXPECT_ERRNO(open("zero", O_RDWR | O_NOCTTY), EIO);
	EXPECT_ERRNO(mkdir("pts/x", 0755), EPERM);
	EXPECT_ERRNO(open("pts/x", O_CREAT | O_RDWR, 0600), EACCES);
	EXPECT_ERRNO(unlink("pts/0"), EPERM);
	EXPECT_ERRNO(umount("pts"), EBUSY);
	MUST(umount2("pts", MNT_DETACH));
	MUST(chdir(".."));
	MUST(umount2("dev", MNT_DETACH));
}

TEST(mount_options)
{
	char text[8192], *line;

	need_root();
	SKIP_IN_EMULATOR("mounts");
	MUST(mkdir("pts", 0755));
	EXPECT_ERRNO(mount("devpts", "pts", "devpts", 0, "nonsense"), EINVAL);
	EXPECT_ERRNO(mount("devpts", "pts", "devpts", 0, "mode=9"), EINVAL);
	MUST(mount("devpts", "pts", "devpts", 0, "gid=5,mode=0600"));
	MUST(mount(NULL, "pts", NULL, MS_REMOUNT, "mode=0640,ptmxmode=0600,max=9"));
	get_file("/proc/mounts", text, sizeof(text));
	line = strstr(text, "/pts devpts rw,relatime,mode=640,ptmxmode=600,max=9 ");
	EXPECT(line);
	MUST(umount("pts"));
}

TEST(many_pairs_come_and_go)
{
	static int fds[2][100];
	long before = 0, after;

	SKIP_IN_EMULATOR("memory");
	for (int round = 0; round <= 10; round++) {
		if (round == 1) /* caches are warm */
			before = meminfo_kb("MemAvailable");
		for (int i = 0; i < 100; i++) {
			struct pair p = open_pair();

			fds[0][i] = p.master;
			fds[1][i] = p.slave;
		}
		for (int i = 0; i < 100; i++) {
			MUST(close(fds[round & 1][i]));
			MUST(close(fds[!(round & 1)][i]));
		}
	}
	after = meminfo_kb("MemAvailable");
	EXPECT_LT(before - after, 4096); /* they take 9 MB, each of ten times */
}

/* Opens and closes of both sides race with each other and with what passes. */
TEST(races_of_open_and_close)
{
	struct pair p = open_pair();
	pid_t children[3];
	char buf[64];

	for (int i = 0; i < 3; i++) {
		children[i] = must_fork();
		if (children[i] == 0) {
			close(p.slave);
			for (int n = 0; n < 300; n++) {
				int fd = open(p.name, O_RDWR | O_NOCTTY | O_NONBLOCK);

				if (fd >= 0) {
					if (write(fd, "hello\n", 6) < 0 || read(fd, buf, 5) < 0)
						errno = 0;
					close(fd);
				}
			}
			_exit(0);
		}
	}
	close(p.slave);
	MUST(fcntl(p.master, F_SETFL, O_NONBLOCK));
	for (int n = 0; n < 1000; n++)
		if (write(p.master, "x\r", 2) < 0 || read(p.master, buf, sizeof(buf)) < 0)
			errno = 0;
	MUST(close(p.master));
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(wait_status(children[i]), 0);
}

TEST(locked_settings)
{
	struct termios lock = { .c_lflag = ECHO }, old, now;
	struct pair p = open_pair();

	SKIP_IN_EMULATOR("does not know the calls");
	MUST(ioctl(p.slave, TIOCGLCKTRMIOS, &now));
	EXPECT_EQ(now.c_lflag, 0);
	lock.c_cc[VINTR] = 1;
	if (geteuid()) {
		EXPECT_ERRNO(ioctl(p.slave, TIOCSLCKTRMIOS, &lock), EPERM);
		return;
	}
	MUST(ioctl(p.slave, TIOCSLCKTRMIOS, &lock));
	MUST(ioctl(p.slave, TIOCGLCKTRMIOS, &now));
	EXPECT(now.c_lflag == ECHO && now.c_cc[VINTR] == 1 && now.c_cc[VEOF] == 0);
	MUST(tcgetattr(p.slave, &old));
	now = old;
	now.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
	now.c_cc[VINTR] = 1;
	now.c_cc[VEOF] = 2;
	MUST(tcsetattr(p.slave, TCSANOW, &now));
	MUST(tcgetattr(p.slave, &now));
	EXPECT_EQ(now.c_lflag & (ECHO | ICANON), old.c_lflag & ECHO);
	EXPECT(now.c_cc[VINTR] == old.c_cc[VINTR] && now.c_cc[VEOF] == 2);
	EXPECT_ERRNO(ioctl(p.slave, TIOCSLCKTRMIOS, 8), EFAULT);
}
