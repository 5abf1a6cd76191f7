/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * telnetd: a shell for whoever connects. No login: what the machine's network can reach it is
 * open to, so it is for test machines. It listens before it goes to the background, then has a
 * child for each connection, and says what happens in lines that tests can wait for.
 */
#include "telnetd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

#define PORT		2323
#define BACKLOG		64
#define MAX_SESSIONS	64	/* more wait in the backlog */
#define RETRY_MS	100	/* after an accept or fork without resources */

const char *const program_name = "telnetd";

static volatile sig_atomic_t child_ended;
static int sessions;

static void on_child(int sig)
{
	child_ended = 1;
}

void announce(const char *line)
{
	char buf[64];
	int len = snprintf(buf, sizeof(buf), "%s\n", line);

	if (write(STDOUT_FILENO, buf, len) < 0)
		return; /* the session matters more than the news of it */
}

static int listen_on(unsigned int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		say_errno("socket");
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, BACKLOG) < 0) {
		say_errno("port %u", port);
		close(fd);
		return -1;
	}
	return fd;
}

static void reap(void)
{
	child_ended = 0;
	while (waitpid(-1, NULL, WNOHANG) > 0) {
		sessions--;
		announce("TELNETD_SESSION_ENDED");
		announce("TELNETD_LISTENING");
	}
}

static void rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = RETRY_MS * 1000000L }, NULL);
}

static void serve(int listener, const char *shell)
{
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	pid_t pid;

	if (connection < 0) {
		/* The peer may be gone again; anything but that is for want of something. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			say_errno("accept");
			rest();
		}
		return;
	}
	announce("TELNETD_CONNECTED");
	pid = fork();
	if (pid == 0) {
		close(listener);
		_exit(session_run(connection, shell));
	}
	close(connection);
	if (pid < 0) {
		say_errno("fork");
		rest();
		return;
	}
	sessions++;
}

static _Noreturn void run(int listener, const char *shell)
{
	struct sigaction act = { .sa_handler = on_child };
	sigset_t block, unblocked;

	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	sigprocmask(SIG_BLOCK, &block, &unblocked);
	sigdelset(&unblocked, SIGCHLD);
	sigaction(SIGCHLD, &act, NULL);
	for (;;) {
		struct pollfd pfd = { sessions < MAX_SESSIONS ? listener : -1, POLLIN, 0 };

		if (ppoll(&pfd, 1, NULL, &unblocked) > 0)
			serve(listener, shell);
		if (child_ended)
			reap();
	}
}

static _Noreturn void usage(int status)
{
	fprintf(status ? stderr : stdout,
		"usage: telnetd [-f] [-p PORT] [-l SHELL]\n"
		"Serve a shell by telnet, without asking who it is.\n"
		"  -f        stay in the foreground\n"
		"  -p PORT   listen there (default %d)\n"
		"  -l SHELL  the program to run (default /bin/sh, else /bin/init_shell)\n", PORT);
	exit(status);
}

int main(int argc, char *argv[])
{
	const char *shell = access("/bin/sh", X_OK) == 0 ? "/bin/sh" : "/bin/init_shell";
	bool foreground = false;
	long port = PORT;
	int option, listener;
	char *end;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		usage(0);
	while ((option = getopt(argc, argv, "fp:l:")) != -1) {
		switch (option) {
		case 'f':
			foreground = true;
			break;
		case 'p':
			port = strtol(optarg, &end, 10);
			if (end == optarg || *end || port < 1 || port > 65535) {
				fprintf(stderr, "telnetd: no port: %s\n", optarg);
				return 2;
			}
			break;
		case 'l':
			shell = optarg;
			break;
		default:
			usage(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "telnetd: no argument expected: %s\n", argv[optind]);
		return 2;
	}
	listener = listen_on(port);
	if (listener < 0)
		return 1;
	announce("TELNETD_LISTENING");
	/* Whoever started us knows now that a connection will find us. */
	if (!foreground) {
		pid_t pid = fork();

		if (pid < 0)
			say_errno("fork");
		if (pid)
			_exit(pid < 0);
		setsid();
	}
	run(listener, shell);
}
