/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line and the initcalls.
 *
 * Several handlers may share one name; a word is unknown only if none has it.
 * Unknown words go to init as Linux does it: with a value to the environment,
 * without to the arguments, and everything after "--" to the arguments.
 */
#include <kernel/init.h>
#include <kernel/main.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/parse.h>
#include <lib/string.h>

extern const struct boot_param __start_boot_params[], __stop_boot_params[];

#define INIT_LEVELS 6
extern const initcall_t __start_initcall0[], __stop_initcall0[], __start_initcall1[],
	__stop_initcall1[], __start_initcall2[], __stop_initcall2[], __start_initcall3[],
	__stop_initcall3[], __start_initcall4[], __stop_initcall4[], __start_initcall5[],
	__stop_initcall5[];

const char *init_argv[INIT_ARGS_MAX + 2] = { "init" };
const char *init_envp[INIT_ARGS_MAX + 3] = { "HOME=/", "TERM=linux" };

/* Parsed in place; init_argv and init_envp point into the second. */
static char early_line[COMMAND_LINE_SIZE];
static char late_line[COMMAND_LINE_SIZE];

/* Runs the handlers of `word`. True if there is one, of either time. */
static bool run_handlers(const char *word, char *value, bool early)
{
	const struct boot_param *p;
	bool known = false;

	for (p = __start_boot_params; p < __stop_boot_params; p++) {
		if (strcmp(p->name, word))
			continue;
		known = true;
		if (p->early == early && p->fn(value ? value : ""))
			pr_err("params: %s=%s is not a value for this option, ignored\n",
			       word, value ? value : "");
	}
	return known;
}

/* Makes "name", "value" one string again: next_arg() cut the '=', and a quote after it. */
static void rejoin(char *word, char *value)
{
	char *eq = word + strlen(word);

	memmove(eq + 1, value, strlen(value) + 1);
	*eq = '=';
}

/* To the environment if it has a value, else, or by force, to the arguments. */
static void give_to_init(char *word, char *value, bool argument)
{
	bool env = value && !argument;
	const char **vec = env ? init_envp : init_argv;
	size_t n = 0, max = env ? ARRAY_SIZE(init_envp) - 1 : ARRAY_SIZE(init_argv) - 1;
	size_t key = env ? strlen(word) + 1 : 0;

	if (value)
		rejoin(word, value);
	while (vec[n] && !(key && !strncmp(vec[n], word, key)))
		n++;
	if (n >= max)
		pr_err("params: too many words for init, '%s' dropped\n", word);
	else
		vec[n] = word;
}

static void parse(char *line, bool early)
{
	char *word, *value;
	bool for_init = false;

	while (*line == ' ' || *line == '\t' || *line == '\n')
		line++;
	while (*line) {
		line = next_arg(line, &word, &value);
		if (!strcmp(word, "--") && !value) {
			for_init = true;
		} else if (for_init || !run_handlers(word, value, early)) {
			if (early)
				continue;
			/* A name with a dot is a subsystem's, as on Linux, and never init's. */
			if (!for_init && strchr(word, '.'))
				pr_warn("params: no such option in this kernel: %s\n", word);
			else
				give_to_init(word, value, for_init);
		}
	}
}

void parse_early_params(void)
{
	strscpy(early_line, boot_command_line, sizeof(early_line));
	parse(early_line, true);
}

void parse_boot_params(void)
{
	strscpy(late_line, boot_command_line, sizeof(late_line));
	parse(late_line, false);
}

void do_initcalls(void)
{
	static const struct {
		const initcall_t *start, *stop;
	} levels[INIT_LEVELS] = {
		{ __start_initcall0, __stop_initcall0 }, { __start_initcall1, __stop_initcall1 },
		{ __start_initcall2, __stop_initcall2 }, { __start_initcall3, __stop_initcall3 },
		{ __start_initcall4, __stop_initcall4 }, { __start_initcall5, __stop_initcall5 },
	};

	for (int i = 0; i < INIT_LEVELS; i++) {
		for (const initcall_t *fn = levels[i].start; fn < levels[i].stop; fn++) {
			int err = (*fn)();

			if (err)
				pr_err("init: %ps failed: error %d\n", (void *)*fn, err);
		}
	}
}
