/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the system: everybody is asked, then made, to stop; then the machine stops. */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

#define GRACE_MS	2000 /* between TERM and KILL, if somebody stays */
#define POLL_MS		10

/*
 * Reaps until there are no children left (orphans become init's children as their parents
 * end, so that means nobody is left) or `ms` passed.
 */
static void reap_all(int ms)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	for (int waited = 0; waited <= ms; waited += POLL_MS) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return;
		nanosleep(&pause, NULL);
	}
}

_Noreturn void shut_down(enum request request)
{
	int how = request == REQUEST_POWEROFF ? RB_POWER_OFF :
		  request == REQUEST_HALT ? RB_HALT_SYSTEM : RB_AUTOBOOT;

	kill(-1, SIGTERM);
	kill(-1, SIGCONT); /* a stopped process cannot answer TERM */
	reap_all(GRACE_MS);
	kill(-1, SIGKILL);
	reap_all(GRACE_MS);
	sync();
	if (reboot(how) < 0)
		say_errno("reboot(%#x)", how);
	for (;;)
		pause();
}
