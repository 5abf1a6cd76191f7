/* SPDX-License-Identifier: BSD-2-Clause */
/* Running the command that is traced. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/say.h"
#include "run.h"

int run_command(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		say_errno("fork");
		return 1;
	}
	if (pid == 0) {
		execvp(argv[0], argv);
		say_errno("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	/* ^C is the command's: what it did until then is to be kept. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
