/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection: bytes between the wire and the shell, through the telnet protocol.
 *
 * Both sides are non-blocking, with one bounded buffer each way: who does not read is not read
 * from. The session ends when the shell has ended and what it showed is sent, or when the peer
 * goes. A peer that only closes its sending side gets what the shell still has to say: the
 * shell reads what was sent and an end of file, again and again for what runs in it takes it
 * too. When it has taken nothing for EOF_GRACE_MS it is hung up.
 */
#include "telnetd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "say.h"
#include "telnet.h"

#define READ_SIZE	1024
#define SHOWN_MAX	(3 * READ_SIZE) /* what a read may become on the wire */
#define EOF_GRACE_MS	5000  /* from the last that the peer sent to a hang-up */
#define EOF_REPEAT_MS	100   /* between the end-of-file keys until then */
#define FLUSH_MS	5000  /* for the peer to take the last output */
#define CLOSE_MS	1000  /* for the peer to close after us */
#define KILL_MS		2000  /* from the hang-up to SIGKILL */

struct session {
	int wire;
	struct shell shell;
	struct telnet telnet;
	struct telnet_keys keys;
	bool shell_ended;     /* and was reaped */
	bool shown_all;	      /* nothing more will come from the shell */
	bool peer_closed;     /* the end of what the peer sends is in sight ... */
	bool wire_eof;	      /* ... and reached */
	int64_t eof_typed;    /* and the shell was told, at this time in ms */
	bool wire_gone;	      /* the connection is broken */
	int64_t deadline;     /* ms; 0: none */
	uint8_t typed[2048];  /* for the shell */
	size_t typed_len;
	uint8_t shown[8192];  /* for the wire, encoded */
	size_t shown_len;
};

static volatile sig_atomic_t child_ended;

static void on_child(int sig)
{
	child_ended = 1;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void drop(uint8_t *buf, size_t *len, size_t n)
{
	*len -= n;
	memmove(buf, buf + n, *len);
}

/* ---- towards the shell ---- */

static void learn_keys(struct session *s)
{
	struct termios t;

	s->keys = (struct telnet_keys){ 3, 28, 26, 4, 127, 21 };
	if (s->shell.terminal && tcgetattr(s->shell.fd, &t) == 0)
		s->keys = (struct telnet_keys){ t.c_cc[VINTR], t.c_cc[VQUIT], t.c_cc[VSUSP],
						t.c_cc[VEOF], t.c_cc[VERASE], t.c_cc[VKILL] };
}

static void resize(struct session *s)
{
	struct winsize size = { .ws_row = s->telnet.rows, .ws_col = s->telnet.columns };

	s->telnet.resized = false;
	ioctl(s->shell.fd, TIOCSWINSZ, &size);
}

/* Each byte may make TELNET_REPLY_MAX of reply, so no more than find room for all of theirs. */
static void read_wire(struct session *s)
{
	size_t room = sizeof(s->typed) - s->typed_len;
	size_t replies = (sizeof(s->telnet.reply) - s->telnet.reply_len) / TELNET_REPLY_MAX;
	uint8_t buf[512];
	ssize_t n;

	if (room > sizeof(buf))
		room = sizeof(buf);
	if (room > replies)
		room = replies;
	if (!room)
		return;
	n = recv(s->wire, buf, room, 0);
	if (n == 0)
		s->wire_eof = true;
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->wire_gone = true;
	for (ssize_t i = 0; i < n; i++) {
		int c = telnet_receive(&s->telnet, buf[i], &s->keys);

		if (c >= 0)
			s->typed[s->typed_len++] = c;
	}
	if (s->telnet.resized)
		resize(s);
}

static void type_eof(struct session *s)
{
	s->eof_typed = now_ms();
	if (!s->shell.terminal) {
		shutdown(s->shell.fd, SHUT_WR);
		return;
	}
	learn_keys(s);
	s->typed[s->typed_len++] = s->keys.eof;
}

static void write_shell(struct session *s)
{
	ssize_t n = s->typed_len ? write(s->shell.fd, s->typed, s->typed_len) : 0;

	if (n > 0) {
		drop(s->typed, &s->typed_len, n);
		if (s->peer_closed && !s->eof_typed)
			s->deadline = now_ms() + EOF_GRACE_MS;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->typed_len = 0; /* nobody reads any more */
	if (s->wire_eof && !s->typed_len && now_ms() >= s->eof_typed + EOF_REPEAT_MS)
		type_eof(s);
}

/* ---- towards the wire ---- */

static void queue_reply(struct session *s)
{
	size_t n = s->telnet.reply_len;

	if (n > sizeof(s->shown) - s->shown_len)
		return;
	memcpy(s->shown + s->shown_len, s->telnet.reply, n);
	s->shown_len += n;
	s->telnet.reply_len = 0;
}

static void read_shell(struct session *s)
{
	size_t room = sizeof(s->shown) - s->shown_len, used;
	uint8_t buf[READ_SIZE];
	ssize_t n;

	n = read(s->shell.fd, buf, sizeof(buf));
	if (n > 0)
		s->shown_len += telnet_show(&s->telnet, buf, n, &used, s->shown + s->shown_len, room);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		s->shown_all = true;
	else if (errno == EAGAIN && s->shell_ended)
		s->shown_all = true; /* others may still have the terminal: not our session's */
}

static void write_wire(struct session *s)
{
	ssize_t n = s->shown_len ? send(s->wire, s->shown, s->shown_len, MSG_NOSIGNAL) : 0;

	if (n > 0)
		drop(s->shown, &s->shown_len, n);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		s->wire_gone = true;
}

/* ---- the loop ---- */

static void reap_shell(struct session *s)
{
	pid_t pid;

	child_ended = 0;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		if (pid == s->shell.pid)
			s->shell_ended = true;
}

static bool out_of_time(const struct session *s)
{
	return s->deadline && now_ms() >= s->deadline;
}

static void wait_for_work(struct session *s, const sigset_t *unblocked)
{
	bool typing = s->typed_len < sizeof(s->typed) && !s->wire_eof && !s->telnet.reply_len;
	bool showing = !s->shown_all && sizeof(s->shown) - s->shown_len >= SHOWN_MAX;
	short events = (showing ? POLLIN : 0) | (s->typed_len ? POLLOUT : 0);
	struct pollfd fds[2] = {
		{ s->wire, (typing ? POLLIN : 0) | (s->shown_len ? POLLOUT : 0) |
			   (s->peer_closed ? 0 : POLLRDHUP), 0 },
		/* A hung-up terminal is always ready: not asked when there is nothing to do. */
		{ events ? s->shell.fd : -1, events, 0 },
	};
	int64_t left = s->deadline ? s->deadline - now_ms() : -1;
	struct timespec limit;

	if (s->shell_ended && showing) /* what it left is there to be read */
		left = 0;
	else if (s->deadline && left < 0)
		left = 0;
	if (s->eof_typed && left > EOF_REPEAT_MS)
		left = EOF_REPEAT_MS;
	limit = (struct timespec){ left / 1000, left % 1000 * 1000000 };
	if (ppoll(fds, 2, left < 0 ? NULL : &limit, unblocked) < 0)
		return;
	if (fds[0].revents & (POLLERR | POLLNVAL))
		s->wire_gone = true;
	if (fds[0].revents & POLLRDHUP && !s->peer_closed) {
		s->peer_closed = true;
		s->deadline = now_ms() + EOF_GRACE_MS;
	}
	if (fds[0].revents & (POLLIN | POLLHUP) && typing)
		read_wire(s);
	if ((fds[1].revents & (POLLIN | POLLHUP | POLLERR) || s->shell_ended) && showing)
		read_shell(s);
}

static void pump(struct session *s, const sigset_t *unblocked)
{
	while (!s->wire_gone && !out_of_time(s) && !(s->shown_all && !s->shown_len)) {
		if (s->telnet.reply_len)
			queue_reply(s);
		write_shell(s);
		write_wire(s);
		if (s->shown_all && !s->shown_len)
			break;
		wait_for_work(s, unblocked);
		if (child_ended)
			reap_shell(s);
		if ((s->shown_all || s->shell_ended) && !s->deadline)
			s->deadline = now_ms() + FLUSH_MS;
	}
}

/* Our FIN after the last byte; data of the peer's that nobody read would make it a reset. */
static void close_wire(struct session *s)
{
	int64_t end = now_ms() + CLOSE_MS;
	struct pollfd pfd = { s->wire, POLLIN, 0 };
	char buf[512];

	shutdown(s->wire, SHUT_WR);
	while (!s->wire_gone && now_ms() < end && poll(&pfd, 1, end - now_ms()) > 0 &&
	       recv(s->wire, buf, sizeof(buf), 0) > 0)
		;
	close(s->wire);
}

/* The terminal goes, which its shell hears as SIGHUP; one that does not listen is killed. */
static void end_shell(struct session *s)
{
	int64_t end = now_ms() + KILL_MS;
	const struct timespec pause = { .tv_nsec = 10000000 };

	close(s->shell.fd);
	if (!s->shell_ended && !s->shell.terminal)
		kill(-s->shell.pid, SIGHUP);
	while (!s->shell_ended && now_ms() < end) {
		reap_shell(s);
		if (!s->shell_ended)
			nanosleep(&pause, NULL);
	}
	if (!s->shell_ended) {
		kill(-s->shell.pid, SIGKILL);
		waitpid(s->shell.pid, NULL, 0);
	}
}

int session_run(int connection, const char *shell)
{
	static struct session s;
	struct sigaction act = { .sa_handler = on_child };
	sigset_t block, unblocked;

	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, &unblocked);
	sigdelset(&unblocked, SIGCHLD);
	sigaction(SIGCHLD, &act, NULL);
	s.wire = connection;
	fcntl(s.wire, F_SETFL, O_NONBLOCK);
	setsockopt(s.wire, SOL_SOCKET, SO_KEEPALIVE, &(int){ 1 }, sizeof(int));
	/* A synch's data mark comes urgent; in its place it is one more command to skip. */
	setsockopt(s.wire, SOL_SOCKET, SO_OOBINLINE, &(int){ 1 }, sizeof(int));
	if (!shell_start(&s.shell, shell)) {
		close(s.wire);
		return 1;
	}
	announce("TELNETD_SHELL_FORKED");
	telnet_init(&s.telnet, s.shell.terminal);
	learn_keys(&s);
	pump(&s, &unblocked);
	close_wire(&s);
	end_shell(&s);
	return 0;
}
