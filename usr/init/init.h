/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * init: process 1. The pieces are the mounts (mount.c), the network (loopback.c), children on
 * the console (spawn.c), the end of the system (shutdown.c) and the loop that ties them together
 * (main.c).
 *
 * Signals are blocked everywhere but inside sigsuspend() of the main loop; a child gets its
 * default mask back in spawn_console().
 */
#ifndef USR_INIT_INIT_H
#define USR_INIT_INIT_H

#include <stdbool.h>
#include <sys/types.h>

/* What a signal asks of init, as busybox' poweroff, halt and reboot send them. */
enum request {
	REQUEST_NONE,
	REQUEST_POWEROFF, /* SIGUSR2, SIGPWR */
	REQUEST_HALT,     /* SIGUSR1 */
	REQUEST_REBOOT,   /* SIGTERM, and SIGINT of ctrl-alt-del */
};

/* Mounts what a program expects to find. What the kernel lacks is skipped without a word. */
void mount_all(void);

/* So that programs can talk to each other over 127.0.0.1. */
void loopback_up(void);

/* Points 0, 1 and 2 at the console. Leaves them as they are if there is none. */
void open_console(void);

/*
 * Starts `path` with `argv` in a session of its own with the console as controlling terminal
 * (`own_console`), or in init's session. Returns the pid, or -1 after saying why not.
 */
pid_t spawn(const char *path, char *const argv[], bool own_console);

/* The shell of this image: /bin/sh or, in images without one, /bin/init_shell. */
const char *shell_path(void);

/* TERM and then KILL to everything, sync, reboot(2). Does not return. */
_Noreturn void shut_down(enum request request);

#endif
