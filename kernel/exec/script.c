/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The #! loader: the first line names an interpreter and at most one argument; the file
 * name takes the place of argv[0]. Rules as Linux's, within the first 256 bytes.
 */
#include <fs/fs.h>
#include <kernel/boottest.h>
#include <kernel/exec.h>
#include <lib/err.h>
#include <lib/string.h>
#include <mm/slab.h>

static bool is_blank(u8 c)
{
	return c == ' ' || c == '\t';
}

/*
 * Cuts the line in `head` (size bytes, zero padded) into name and argument, in place.
 * *argument is NULL without one. 0, or -ENOEXEC.
 */
static int script_parse(u8 *head, size_t size, char **name, char **argument)
{
	u8 *end = memchr(head, '\n', size), *p, *word;
	bool cut = !end;

	if (head[0] != '#' || head[1] != '!')
		return -ENOEXEC;
	if (cut)
		end = head + size - 1;
	for (p = head + 2; p < end && is_blank(*p); p++)
		;
	word = p;
	while (p < end && *p && !is_blank(*p))
		p++;
	/* A name that may go on beyond what was read is not to be trusted. */
	if (p == word || (cut && p == end && *p))
		return -ENOEXEC;
	*name = (char *)word;
	*argument = NULL;
	while (end > p && is_blank(end[-1]))
		end--;
	*end = '\0';
	if (p < end && *p) {
		*p++ = '\0';
		while (p < end && is_blank(*p))
			p++;
		if (p < end && *p)
			*argument = (char *)p;
	}
	return 0;
}

static int script_load(struct exec *exec, bool *again)
{
	char *name, *argument, *copy;
	struct file *file;
	int error = script_parse(exec->head, sizeof(exec->head), &name, &argument);

	if (error)
		return error;
	/* The interpreter could not open it. */
	if (exec->lost_script)
		return -ENOENT;
	copy = kstrdup(name, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;

	exec_pop(exec);
	exec->argc--;
	error = exec_push(exec, exec->interp ? exec->interp : exec->filename);
	if (!error) {
		exec->argc++;
		if (argument) {
			error = exec_push(exec, argument);
			exec->argc++;
		}
	}
	if (!error) {
		error = exec_push(exec, copy);
		exec->argc++;
	}
	kfree(exec->interp);
	exec->interp = copy;
	if (error)
		return error;

	file = exec_open(copy);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	exec_close(exec->file);
	exec->file = file;
	*again = true;
	return 0;
}

const struct exec_loader script_loader = { "script", script_load };

static int parse_text(const char *text, char **name, char **argument)
{
	static u8 head[BINPRM_BUF_SIZE];

	memset(head, 0, sizeof(head));
	memcpy(head, text, min(strlen(text), sizeof(head)));
	return script_parse(head, sizeof(head), name, argument);
}

BOOT_TEST(exec, script_line)
{
	char *name, *argument, *text;

	bt_assert(parse_text("#!/bin/sh\necho", &name, &argument) == 0);
	bt_expect(!strcmp(name, "/bin/sh") && !argument);
	bt_assert(parse_text("#! \t/bin/sh -e  -x \t\n", &name, &argument) == 0);
	bt_expect(!strcmp(name, "/bin/sh") && argument && !strcmp(argument, "-e  -x"));
	bt_assert(parse_text("#!/bin/sh", &name, &argument) == 0);
	bt_expect(!strcmp(name, "/bin/sh") && !argument);
	bt_expect_eq(parse_text("#!\n", &name, &argument), -ENOEXEC);
	bt_expect_eq(parse_text("#!  \t \n/bin/sh", &name, &argument), -ENOEXEC);
	bt_expect_eq(parse_text("#/bin/sh\n", &name, &argument), -ENOEXEC);
	bt_expect_eq(parse_text("", &name, &argument), -ENOEXEC);

	text = kmalloc(300, GFP_KERNEL);
	bt_assert(text);
	memset(text, 'n', 299);
	text[299] = '\0';
	memcpy(text, "#!/", 3);
	bt_expect_eq(parse_text(text, &name, &argument), -ENOEXEC);
	text[100] = ' ';
	bt_expect_eq(parse_text(text, &name, &argument), 0);
	bt_expect_eq(strlen(name), 98);
	kfree(text);
}
