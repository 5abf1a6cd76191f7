/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of AF_UNIX sockets: in the file system (found by inode), abstract (found by bytes
 * and type), and the table of all sockets.
 */
#include <fs/proc.h>
#include <lib/hash.h>
#include <kernel/random.h>
#include "unix.h"

#define NAME_BITS 8

/* Leaf lock. */
static DEFINE_SPINLOCK(names_lock);
static struct hlist_head names[1u << NAME_BITS];	/* names_lock */
static LIST_HEAD(all_sockets);				/* names_lock */

static bool is_abstract(const struct unix_addr *a)
{
	return !a->name.sun_path[0];
}

static struct hlist_head *abstract_bucket(const struct unix_addr *a, int type)
{
	return &names[(hash_fold(hash_bytes((u64)type, a->name.sun_path, a->len - UNIX_HEAD))) &
		      ((1u << NAME_BITS) - 1)];
}

static struct hlist_head *inode_bucket(const struct inode *inode)
{
	return &names[hash_ptr(inode, NAME_BITS)];
}

void unix_addr_put(struct unix_addr *addr)
{
	if (refcount_dec_and_test(&addr->refs))
		kfree(addr);
}

int unix_addr_copy(const struct unix_addr *addr, union sockaddr_any *to)
{
	if (!addr) {
		to->un.sun_family = AF_UNIX;
		return UNIX_HEAD;
	}
	memcpy(to, &addr->name, addr->len);
	return (int)addr->len;
}

/* Checks and copies a name; paths end at their first NUL. NULL-free; ERR_PTR. */
static struct unix_addr *addr_new(const union sockaddr_any *from, u32 len)
{
	struct unix_addr *a;

	if (len <= UNIX_HEAD || len > sizeof(struct sockaddr_un) || from->family != AF_UNIX)
		return ERR_PTR(-EINVAL);
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return ERR_PTR(-ENOMEM);
	refcount_set(&a->refs, 1);
	memcpy(&a->name, from, len);
	a->len = len;
	if (!is_abstract(a))
		a->len = (u32)(UNIX_HEAD + strlen(a->name.sun_path) + 1);
	return a;
}

void unix_names_add(struct unix_sock *u)
{
	spin_lock(&names_lock);
	list_add_tail(&u->all_node, &all_sockets);
	spin_unlock(&names_lock);
}

void unix_unbind(struct unix_sock *u)
{
	struct path path = { NULL, NULL };

	spin_lock(&names_lock);
	if (!hlist_unhashed(&u->name_node))
		hlist_del_init(&u->name_node);
	list_del_init(&u->all_node);
	swap(path, u->path);
	spin_unlock(&names_lock);
	if (path.dentry)
		path_put(&path);
}

static struct unix_sock *find_abstract(const struct unix_addr *a, int type)
	REQUIRES(names_lock)
{
	struct unix_sock *u;

	hlist_for_each_entry(u, abstract_bucket(a, type), name_node)
		if (!u->path.dentry && u->so.type == type && u->addr->len == a->len &&
		    !memcmp(&u->addr->name, &a->name, a->len))
			return u;
	return NULL;
}

/* Publishes the name; takes over `a` and `path` on success. 0, -EINVAL bound, -EADDRINUSE. */
static int name_set(struct unix_sock *u, struct unix_addr *a, const struct path *path)
{
	int err = -EINVAL;

	spin_lock(&u->so.lock);
	spin_lock(&names_lock);
	if (u->addr)
		goto out;
	err = -EADDRINUSE;
	if (!path && find_abstract(a, u->so.type))
		goto out;
	if (path)
		u->path = *path;
	smp_store_release(&u->addr, a);
	hlist_add_head(&u->name_node, path ? inode_bucket(path->dentry->d_inode) :
					     abstract_bucket(a, u->so.type));
	err = 0;
out:
	spin_unlock(&names_lock);
	spin_unlock(&u->so.lock);
	return err;
}

int unix_autobind(struct unix_sock *u)
{
	union sockaddr_any name = { .family = AF_UNIX };
	u32 start = (u32)get_random_u64();
	struct unix_addr *a;
	int err;

	if (READ_ONCE(u->addr))
		return 0;
	a = addr_new(&name, UNIX_HEAD + 6);
	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	for (u32 i = 0; i < 0x100000; i++) {
		for (u32 n = start + i, k = 5; k; k--, n >>= 4)
			a->name.sun_path[k] = "0123456789abcdef"[n & 15];
		err = name_set(u, a, NULL);
		if (err != -EADDRINUSE)
			break;
	}
	if (err)
		unix_addr_put(a);
	if (err == -EADDRINUSE)
		return -ENOSPC;
	return err == -EINVAL ? 0 : err;	/* bound by another thread meanwhile */
}

/* Makes the S_IFSOCK node. 0 and a counted path, or -errno. */
static int make_node(const char *name, umode_t mode, struct path *path)
{
	struct path parent;
	struct dentry *d = path_create(AT_FDCWD, name, &parent, false);
	struct inode *dir;
	int err;

	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	dir = parent.dentry->d_inode;
	err = may_create(dir, d);
	if (!err)
		err = dir->i_op->mknod ? dir->i_op->mknod(dir, d, mode, 0) : -EPERM;
	if (!err) {
		path->mnt = parent.mnt;
		path->dentry = d;
		path_get(path);
	}
	path_create_done(&parent, d);
	return err;
}

int unix_bind(struct socket *so, const union sockaddr_any *addr, u32 len)
{
	struct unix_sock *u = unix_of(so);
	struct unix_addr *a;
	struct path path;
	int err;

	if (len == UNIX_HEAD && addr->family == AF_UNIX)
		return unix_autobind(u);
	a = addr_new(addr, len);
	if (IS_ERR(a))
		return (int)PTR_ERR(a);
	if (is_abstract(a)) {
		err = name_set(u, a, NULL);
		if (err)
			goto out_addr;
		return 0;
	}
	err = make_node(a->name.sun_path, S_IFSOCK | (0777 & ~current->fs->umask), &path);
	if (err == -EEXIST)
		err = -EADDRINUSE;
	if (err)
		goto out_addr;
	err = name_set(u, a, &path);
	if (!err)
		return 0;
	vfs_unlink(a->name.sun_path);
	path_put(&path);
out_addr:
	unix_addr_put(a);
	return err;
}

static struct unix_sock *find_path(const char *name, int type)
{
	struct unix_sock *u, *found = ERR_PTR(-ECONNREFUSED);
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (err)
		return ERR_PTR(err);
	err = path_permission(&path, MAY_WRITE);
	if (err) {
		found = ERR_PTR(err);
		goto out;
	}
	if (!S_ISSOCK(path.dentry->d_inode->i_mode))
		goto out;
	spin_lock(&names_lock);
	hlist_for_each_entry(u, inode_bucket(path.dentry->d_inode), name_node) {
		if (u->path.dentry && u->path.dentry->d_inode == path.dentry->d_inode) {
			found = u->so.type == type ? unix_get(u) : ERR_PTR(-EPROTOTYPE);
			break;
		}
	}
	spin_unlock(&names_lock);
out:
	path_put(&path);
	return found;
}

struct unix_sock *unix_find(const union sockaddr_any *addr, u32 len, int type)
{
	struct unix_addr *a = addr_new(addr, len);
	struct unix_sock *u;

	if (IS_ERR(a))
		return ERR_CAST(a);
	if (!is_abstract(a)) {
		u = find_path(a->name.sun_path, type);
	} else {
		spin_lock(&names_lock);
		u = find_abstract(a, type);
		u = u ? unix_get(u) : ERR_PTR(-ECONNREFUSED);
		spin_unlock(&names_lock);
	}
	unix_addr_put(a);
	return u;
}

/* ---- /proc/net/unix ---- */

static int unix_show(struct seq_file *m, void *data)
{
	struct unix_sock *u;

	seq_puts(m, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	spin_lock(&names_lock);
	list_for_each_entry(u, &all_sockets, all_node) {
		const struct unix_addr *a = READ_ONCE(u->addr);
		/* SS_UNCONNECTED 1, SS_CONNECTED 3; a listening one is unconnected. */
		int st = u->so.state == UNIX_CONNECTED ? 3 : 1;

		seq_printf(m, "%016lx: %08X %08X %08X %04X %02X %5llu", 0ul,
			   (u32)atomic_read(&u->so.refs) + 1, 0,	/* the table counts, too */
			   u->so.state == UNIX_LISTEN ? 0x10000 : 0, u->so.type, st,
			   (unsigned long long)u->so.ino);
		if (a) {
			seq_putc(m, ' ');
			for (u32 i = 0; i < a->len - UNIX_HEAD; i++) {
				char c = a->name.sun_path[i];

				if (!c && !is_abstract(a))
					break;
				seq_putc(m, c ? c : '@');
			}
		}
		seq_putc(m, '\n');
	}
	spin_unlock(&names_lock);
	return 0;
}

static int __init unix_proc_init(void)
{
	return IS_ENABLED(CONFIG_PROC_FS) ? proc_create("net/unix", 0444, unix_show, NULL) : 0;
}
device_initcall(unix_proc_init);
