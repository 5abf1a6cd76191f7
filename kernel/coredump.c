/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Core dumps: whether there is one, stopping the other threads, and the file it goes to.
 * Rules as core(5). A pattern that begins with '|' is refused when it is set: no program is
 * started on behalf of one that is dying.
 */
#include <arch/context.h>
#include <arch/fpsimd.h>
#include <fs/fs.h>
#include <fs/proc.h>
#include <fs/sysctl.h>
#include <fs/uio.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/uts.h>
#include <lib/err.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include "core_internal.h"

#define PATTERN_MAX	128

static DEFINE_MUTEX(pattern_lock);
static char pattern[PATTERN_MAX] GUARDED_BY(&pattern_lock) = "core";
static int core_uses_pid;

/* ---- the name ---- */

struct name_buf {
	char	text[NAME_MAX + 1];
	size_t	len;
};

static __printf(2, 3) void put(struct name_buf *n, const char *fmt, ...)
{
	va_list args;
	int more;

	va_start(args, fmt);
	more = vsnprintf(n->text + n->len, sizeof(n->text) - n->len, fmt, args);
	va_end(args);
	n->len = min(n->len + (size_t)max(more, 0), sizeof(n->text) - 1);
}

/* Text of others: a slash in it would lead out of the folder. */
static void put_text(struct name_buf *n, const char *text)
{
	size_t start = n->len;

	put(n, "%s", text);
	for (size_t i = start; i < n->len; i++)
		if (n->text[i] == '/')
			n->text[i] = '!';
}

static void put_exe(struct name_buf *n)
{
	struct file *exe = mm_exe_file(current->mm);
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *path = NULL;

	if (exe && buf)
		path = d_path(&exe->f_path, buf, PATH_MAX);
	put_text(n, IS_ERR_OR_NULL(path) ? current->comm : path);
	kfree(buf);
	file_put(exe);
}

static void put_host(struct name_buf *n)
{
	mutex_lock(&uts_lock);
	put_text(n, uts_name.nodename);
	mutex_unlock(&uts_lock);
}

static void put_special(struct name_buf *n, char what, int sig)
{
	const struct cred *cred = current_cred();

	switch (what) {
	case '%':
		put(n, "%%");
		break;
	case 'p':
	case 'P':
		put(n, "%d", current->proc->pid);
		break;
	case 'i':
	case 'I':
		put(n, "%d", current->tid);
		break;
	case 'u':
		put(n, "%u", cred->uid);
		break;
	case 'g':
		put(n, "%u", cred->gid);
		break;
	case 'd':
		put(n, "%u", READ_ONCE(current->mm->dumpable));
		break;
	case 's':
		put(n, "%d", sig);
		break;
	case 't':
		put(n, "%llu", (unsigned long long)(ktime_get_real() / NSEC_PER_SEC));
		break;
	case 'h':
		put_host(n);
		break;
	case 'e':
		put_text(n, current->comm);
		break;
	case 'E':
		put_exe(n);
		break;
	case 'c':
		put(n, "%lu", rlimit(RLIMIT_CORE));
		break;
	default:		/* dropped, as core(5) says */
		break;
	}
}

/* False: there is no name, so there is no dump. */
static bool core_name(struct name_buf *n, int sig)
{
	char copy[PATTERN_MAX];
	bool has_pid = false;

	mutex_lock(&pattern_lock);
	memcpy(copy, pattern, sizeof(copy));
	mutex_unlock(&pattern_lock);
	n->len = 0;
	n->text[0] = '\0';
	for (const char *p = copy; *p; p++) {
		if (*p != '%') {
			put(n, "%c", *p);
			continue;
		}
		if (!*++p)
			break;
		has_pid |= *p == 'p';
		put_special(n, *p, sig);
	}
	if (!has_pid && READ_ONCE(core_uses_pid))
		put(n, ".%d", current->proc->pid);
	return n->len > 0;
}

/* ---- the other threads ---- */

static void core_put(struct core_dump *dump)
{
	if (refcount_dec_and_test(&dump->refs))
		kfree(dump);
}

void coredump_park(struct core_dump *dump)
{
	struct core_thread self = {
		.task = current, .fp = fpsimd_save_current(), .tls = arch_get_tls(),
	};
	struct process *proc = current->proc;

	spin_lock_irq(&proc->siglock);
	list_add_tail(&self.link, &dump->threads);
	dump->nr_threads++;
	spin_unlock_irq(&proc->siglock);
	if (atomic_dec_and_test(&dump->awaited))
		complete(&dump->ready);
	wait_for_completion(&dump->written);
	core_put(dump);
}

/* Ends all other threads. False if somebody else has ended the process already. */
static bool stop_others(struct core_dump *dump, int sig)
{
	struct process *proc = current->proc;
	struct task *t;

	spin_lock_irq(&proc->siglock);
	if (proc->sig_flags & SIGNAL_GROUP_EXIT ||
	    (proc->group_exec_task && proc->group_exec_task != current)) {
		spin_unlock_irq(&proc->siglock);
		return false;
	}
	for_each_thread(proc, t) {
		if (t == current || (t->flags & PF_EXITING))
			continue;
		refcount_inc(&dump->refs);
		atomic_inc(&dump->awaited);
	}
	signal_kill_threads(proc, sig);
	/* This one goes on for a while, and its writes are not to be cut short. */
	sigdelset(&current->pending.set, SIGKILL);
	proc->core = dump;
	spin_unlock_irq(&proc->siglock);
	if (!atomic_dec_and_test(&dump->awaited))
		wait_for_completion(&dump->ready);
	return true;
}

static void let_others_go(struct core_dump *dump, bool dumped)
{
	struct process *proc = current->proc;

	spin_lock_irq(&proc->siglock);
	proc->core = NULL;
	if (dumped)
		proc->group_exit_code |= 0x80;
	spin_unlock_irq(&proc->siglock);
	complete_all(&dump->written);
	core_put(dump);
}

static struct core_dump *core_alloc(void)
{
	struct core_dump *dump = kzalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return NULL;
	refcount_set(&dump->refs, 1);
	atomic_set(&dump->awaited, 1);
	init_completion(&dump->ready);
	init_completion(&dump->written);
	INIT_LIST_HEAD(&dump->threads);
	return dump;
}

/* ---- the dump ---- */

/* A fresh file, or one that nobody else has anything to do with. ERR_PTR. */
static struct file *open_core(const char *name)
{
	struct file *file;
	struct inode *inode;

	vfs_unlink(name);
	file = file_open(name, O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE | O_EXCL, 0600);
	if (IS_ERR(file))
		return file;
	inode = file->f_inode;
	if (S_ISREG(inode->i_mode) && inode->i_nlink == 1 && inode->i_uid == current_fsuid())
		return file;
	file_put(file);
	return ERR_PTR(-EPERM);
}

static bool write_core(struct core_dump *dump, int sig, const siginfo_t *info, u64 limit)
{
	struct name_buf *name = kmalloc(sizeof(*name), GFP_KERNEL);
	struct core_writer w = { .limit = limit };
	bool done = false;

	if (!name || !core_name(name, sig))
		goto out;
	w.file = open_core(name->text);
	if (IS_ERR(w.file))
		goto out;
	done = coredump_write_elf(&w, dump, info);
	file_put(w.file);
out:
	kfree(name);
	return done;
}

bool coredump(int sig, const siginfo_t *info)
{
	u64 limit = rlimit(RLIMIT_CORE);
	struct core_dump *dump;
	bool done;

	if (limit < PAGE_SIZE || READ_ONCE(current->mm->dumpable) != 1)
		return false;
	dump = core_alloc();
	if (!dump)
		return false;
	if (!stop_others(dump, sig)) {
		core_put(dump);
		return false;
	}
	current->flags |= PF_DUMPCORE;
	done = write_core(dump, sig, info, limit);
	let_others_go(dump, done);
	return done;
}

/* ---- settings ---- */

static int pattern_show(struct seq_file *m, void *data)
{
	mutex_lock(&pattern_lock);
	seq_printf(m, "%s\n", pattern);
	mutex_unlock(&pattern_lock);
	return 0;
}

static int pattern_open(struct inode *inode, struct file *file)
{
	return seq_open_show(file, pattern_show, NULL);
}

static ssize_t pattern_write(struct file *file, struct iov_iter *from, loff_t *pos)
{
	size_t n = iov_iter_count(from), len = n;
	char text[PATTERN_MAX];

	if (n >= sizeof(text))
		return -EINVAL;
	if (copy_from_iter(text, n, from) != n)
		return -EFAULT;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	if (text[0] == '|')
		return -EINVAL;
	mutex_lock(&pattern_lock);
	memcpy(pattern, text, len + 1);
	mutex_unlock(&pattern_lock);
	return (ssize_t)n;
}

static const struct file_ops pattern_fops = {
	.open = pattern_open, .read = seq_read, .write = pattern_write, .llseek = seq_llseek,
	.release = seq_release,
};

static const struct sysctl settings[] = {
	{ "sys/kernel/core_uses_pid", 0644, SYSCTL_INT, &core_uses_pid, 0, 1 },
};

static int __init coredump_init(void)
{
	int err = sysctl_register(settings, ARRAY_SIZE(settings));

	return err ? err : proc_create_ops("sys/kernel/core_pattern", 0644, &pattern_fops, NULL);
}
device_initcall(coredump_init);
