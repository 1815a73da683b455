/* SPDX-License-Identifier: MIT */
/*
 * libnetns: Linux network namespaces from C.
 *
 * A `struct netns` is a handle on a network namespace: it holds the namespace
 * alive and can be entered. Handles come from the netns_open_* functions (the
 * namespace exists already) and from netns_create() (a new one).
 *
 *	static int show_links(struct netns *host, void *arg)
 *	{
 *		return system("ip -brief link");
 *	}
 *
 *	struct netns *ns;
 *
 *	if (netns_create(NULL, &ns) < 0)
 *		errx(1, "%s", netns_errmsg());
 *	netns_do(ns, show_links, NULL);
 *	netns_free(ns);
 *
 * Conventions that hold for every function unless it says otherwise:
 *
 * - Errors are negative errno values in the `int` returned; `errno` itself
 *   means nothing afterwards. Outputs are written on success only.
 *   netns_errmsg() tells which call failed, on what, and why.
 * - Descriptors are close-on-exec. The library never prints, exits, aborts,
 *   changes signal dispositions, the umask or the working directory, and
 *   keeps no thread (but for netns_pool_new()). No function is a cancellation point.
 * - Thread: any function may be called from any thread. One handle may be used
 *   by several threads at once, except by netns_close() and netns_free(), which
 *   need it alone.
 * - A network namespace belongs to a *thread* (setns(2)): entering moves the
 *   calling thread and no other.
 * - Privilege: where CAP_SYS_ADMIN is named, it is needed over the user
 *   namespace that owns the network namespace, and, where the thread moves,
 *   over the caller's own as well (setns(2)).
 * - `dir` names a run directory, the directory that holds the names (pins) of
 *   namespaces: an absolute path, or NULL for the default one that is shared
 *   with ip-netns(8), see netns_get_run_dir(). On the way to another than the
 *   default one a symbolic link is followed only when it is root's or the
 *   caller's own: whoever else may write to a directory on the way could lead
 *   the caller anywhere with one (-ELOOP).
 * - A `name` is 1 to 255 bytes, without '/', and neither "." nor "..".
 *
 * The numbers behind "Since Linux" are of the interface that is used; older
 * kernels are served by a slower one unless the text says otherwise.
 */
#ifndef NETNS_H
#define NETNS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/** A handle on a network namespace. */
struct netns;

/**
 * netns_fn - code to run inside a network namespace
 * @host: where the thread was before; valid during the call. It may be entered
 *        (netns_do(host, ...)), asked for its path and descriptor, and closed;
 *        it must not be freed.
 * @arg:  what the caller of netns_do() gave.
 *
 * The value returned is handed through unchanged.
 */
typedef int (*netns_fn)(struct netns *host, void *arg);

/* ------------------------------------------------------------------------
 * Opening: a handle on a namespace that exists
 *
 * Each of these checks the descriptor that it got, not the path before it, so
 * there is no moment between check and use. None blocks, whatever is there (a
 * FIFO, a terminal). On success the handle is the caller's, to be given to
 * netns_free().
 * ------------------------------------------------------------------------ */

/**
 * netns_open - open a network namespace by path
 * @path: a pin such as /run/netns/web, or /proc/PID/ns/net. A symbolic link is
 *        followed, relative paths work.
 * @ret:  the new handle.
 *
 * The equivalent of CNI's GetNS. The handle does not own the path: closing it
 * leaves the pin.
 *
 * Returns: 0, or
 *   -EINVAL       @path or @ret is NULL
 *   -ENOENT       nothing there
 *   -EMEDIUMTYPE  what is there is no network namespace (a stale file, another
 *                 kind of namespace, a socket, a directory, ...)
 *   -EACCES, -ELOOP, -ENAMETOOLONG, -ENOTDIR, -EMFILE, -ENFILE  as open(2)
 *   -ENOMEM       no memory
 *
 * Thread: any. Privilege: that of open(2). Since: 1.
 * Source: ioctl_ns(2), NS_GET_NSTYPE since Linux 4.11.
 */
int netns_open(const char *path, struct netns **ret);

/**
 * netns_open_current - open the network namespace of the calling thread
 * @ret: the new handle; its path is /proc/PID/task/TID/ns/net.
 *
 * The equivalent of CNI's GetCurrentNS. The handle stays on the namespace that
 * was current at the call; the path follows the thread.
 *
 * Returns: 0, or
 *   -EINVAL  @ret is NULL
 *   -EMFILE, -ENFILE, -ENOMEM
 *   -ENOENT  there is neither a usable pidfd (Linux < 6.11) nor /proc, and the
 *            caller may not ask a socket
 *
 * Thread: any. Privilege: none. Since: 1.
 * Source: PIDFD_GET_NET_NAMESPACE, Linux 6.11; before, /proc/thread-self.
 */
int netns_open_current(struct netns **ret);

/**
 * netns_open_name - open a network namespace by its name
 * @name: a name in the default run directory.
 * @ret:  the new handle; its path is the run directory, '/', @name.
 *
 * Returns: 0, or
 *   -EINVAL       bad name, or NULL
 *   -ENOENT       no such name, or no run directory
 *   -EMEDIUMTYPE  a stale name, a symbolic link, or otherwise no network
 *                 namespace
 *   -EACCES, -EMFILE, -ENFILE, -ENOMEM  as netns_open()
 *
 * Thread: any. Privilege: that of open(2). Since: 1.
 */
int netns_open_name(const char *name, struct netns **ret);

/**
 * netns_open_name_in - open a network namespace by its name in a run directory
 * @dir:  the run directory, NULL for the default one.
 * @name: a name in it.
 * @ret:  the new handle.
 *
 * Returns: as netns_open_name(); -EINVAL also when @dir is not absolute;
 * -ENOTDIR when it is no directory; -ELOOP for a symbolic link of somebody
 * else's on the way to it.
 *
 * Thread: any. Privilege: that of open(2). Since: 1.
 */
int netns_open_name_in(const char *dir, const char *name, struct netns **ret);

/**
 * netns_open_pid - open the network namespace of a process or thread
 * @pid: a process id or a thread id, of any process.
 * @ret: the new handle; its path is /proc/PID/ns/net.
 *
 * The id is turned into a pidfd first (before Linux 6.11, into a descriptor of
 * its /proc directory, which is bound to the process in the same way), and only
 * that is asked, so that an id given anew meanwhile is never taken for the old
 * one.
 *
 * Returns: 0, or
 *   -EINVAL  @pid is not positive, or @ret is NULL
 *   -ESRCH   no such process or thread, or it is a zombie
 *   -EPERM   no right to look into it
 *   -ENOENT  Linux < 6.11 and no /proc
 *   -EMFILE, -ENFILE, -ENOMEM
 *
 * Thread: any. Privilege: PTRACE_MODE_READ_FSCREDS over it (ptrace(2)). Since: 1.
 * Source: pidfd_open(2), PIDFD_THREAD Linux 6.9; PIDFD_GET_NET_NAMESPACE 6.11.
 */
int netns_open_pid(pid_t pid, struct netns **ret);

/**
 * netns_open_fd - make a handle from a descriptor
 * @fd:  a descriptor of a network namespace, which is duplicated, or a pidfd,
 *       whose process's namespace is opened. It stays the caller's. Zero is as
 *       good as any.
 * @ret: the new handle; it has no path.
 *
 * Returns: 0, or
 *   -EINVAL       @ret is NULL
 *   -EBADF        @fd is not open, or only with O_PATH
 *   -EMEDIUMTYPE  @fd is something else
 *   -ESRCH        a pidfd whose process is gone or a zombie
 *   -EPERM        a pidfd of a process that the caller may not look into
 *   -EMFILE, -ENFILE, -ENOMEM
 *
 * Thread: any. Privilege: none; for a pidfd that of netns_open_pid(). Since: 1.
 */
int netns_open_fd(int fd, struct netns **ret);

/**
 * netns_open_socket - open the network namespace that a socket lives in
 * @sock: any socket, or a tun/tap descriptor. It stays the caller's.
 * @ret:  the new handle; it has no path.
 *
 * Returns: 0, or
 *   -EINVAL       @ret is NULL
 *   -EBADF        @sock is not open
 *   -EMEDIUMTYPE  @sock is no socket
 *   -EPERM        no CAP_NET_ADMIN
 *   -EMFILE, -ENFILE, -ENOMEM
 *
 * Thread: any. Privilege: CAP_NET_ADMIN over the socket's namespace. Since: 1.
 * Source: SIOCGSKNS, Linux 4.10.
 */
int netns_open_socket(int sock, struct netns **ret);

/**
 * netns_open_spec - open a network namespace by a word, however it is known
 * @spec: one of
 *          NAME        a name in the default run directory
 *          PATH        anything with a '/' in it: netns_open()
 *          pid:123     of a process or thread: netns_open_pid()
 *          fd:5        a descriptor of the caller's: netns_open_fd(), and if it is a
 *                      socket, netns_open_socket()
 *          id:4242     by the 64-bit id: netns_get_id()
 *          ino:4026532000  by the inode number: netns_get_inode()
 *          nsid:3      by the nsid that the calling thread's namespace has for it:
 *                      netns_get_nsid()
 *          docker:web, podman:web  of a running container, by its name, id, or the
 *                      beginning of its id
 *          self        the calling thread's
 *          host        that of process 1
 * @ret:  the new handle. Its path is that of the function named; of a container's pin
 *        or process; none by id, inode number and nsid.
 *
 * For programs that let their users say which namespace is meant. Numbers are
 * decimal, without sign or space. A name that looks like "pid:123" is reached by its
 * path, as "./pid:123" is. When there is a name "self" or "host", that is meant, as it
 * is by ip-netns(8); "pid:1" is process 1 for sure.
 *
 * By id, inode number and nsid, names are looked through first, then the threads of all
 * processes, then their descriptors, then what the kernel lists: netns_list_ids(). Since
 * Linux 6.19 the kernel opens an id at once.
 *
 * Containers are found by the files of docker and podman, of the machine and of the
 * calling user (below XDG_DATA_HOME, else HOME, and XDG_RUNTIME_DIR, unless they are
 * another user's); no daemon is asked.
 *
 * Returns: 0, or the errors of the function named, and
 *   -EINVAL      @spec or @ret is NULL, bad number, bad name
 *   -ENOENT      id, inode number, nsid: not in use, or by nothing that was found;
 *                netns_errmsg() tells when the caller may not look everywhere
 *   -EOPNOTSUPP  id: the kernel does not tell it, see netns_get_id()
 *   -ENOENT      container: there is none of that name
 *   -ENOTUNIQ    container: several ids begin so
 *   -ESRCH       container: it is not running
 *   -EACCES      container: what tells may not be read
 *
 * Thread: any; "id:" moves the calling thread, and back, before Linux 6.18, as
 * netns_get_id(). Privilege: that of the function named; to search the processes of
 * others, that of netns_open_pid() over them. Since: 1.
 * Source: open_by_handle_at(2) with FD_NSFS_ROOT, Linux 6.18.
 */
int netns_open_spec(const char *spec, struct netns **ret);

/**
 * netns_open_spec_in - the same with the names of a run directory
 * @dir:  the run directory, NULL for the default one.
 * @spec: as for netns_open_spec().
 * @ret:  the new handle.
 *
 * Returns: as netns_open_spec(); -EINVAL also when @dir is not absolute.
 *
 * Thread: as netns_open_spec(). Privilege: as netns_open_spec(). Since: 1.
 */
int netns_open_spec_in(const char *dir, const char *spec, struct netns **ret);

/**
 * netns_check_path - is there a network namespace at a path?
 * @path: as for netns_open().
 *
 * The equivalent of CNI's IsNSorErr. The answer is about now; to use the
 * namespace, open it and look at the answer of that.
 *
 * Returns: 0 if netns_open() would succeed, else its error; -ENOENT when there
 * is nothing, -EMEDIUMTYPE when there is something else.
 *
 * Thread: any. Privilege: that of open(2). Since: 1.
 */
int netns_check_path(const char *path);

/* ------------------------------------------------------------------------
 * Creating, naming, deleting
 * ------------------------------------------------------------------------ */

/** The name outlives the handle: netns_close() leaves the pin. */
#define NETNS_CREATE_KEEP 0x1u
/** No name and no file: the namespace lives as long as it is used. */
#define NETNS_CREATE_UNPINNED 0x2u
/** The loopback interface is up when netns_create() returns. */
#define NETNS_CREATE_LO_UP 0x4u

/**
 * struct netns_create_opts - how to create
 * @size:     sizeof(struct netns_create_opts); a smaller size means that the
 *            rest is zero. New members come at the end.
 * @name:     the name, or NULL for a random one: cni-%08x-%04x-%04x-%04x-%012x
 * @dir:      the run directory, NULL for the default one
 * @flags:    NETNS_CREATE_*
 * @reserved: 0
 */
struct netns_create_opts {
	size_t size;
	const char *name;
	const char *dir;
	unsigned flags;
	unsigned reserved;
};

/**
 * netns_create - create a network namespace
 * @opts: NULL for the equivalent of CNI's NewNS: a random name in the default
 *        run directory that netns_close() removes.
 * @ret:  the new handle. It owns the pin that it made, unless
 *        NETNS_CREATE_KEEP was given.
 *
 * The calling thread is never moved, not even for a moment: the namespace is
 * made by a thread of its own, which is gone when the call returns and takes no
 * signal. All or nothing: on failure there is no namespace, no file, no mount
 * and no descriptor left. Killed in the middle, the call can leave an empty file
 * in the run directory (the kernel knows no way to make the file and mount on it
 * in one step), which the next create of that name takes over at once, or the
 * run directory itself.
 *
 * The default run directory is created if missing and made a shared mount, as
 * ip-netns(8) does, under the same lock (flock(2) on the directory), so that
 * both see each other's names. Another @dir is created if missing (its last
 * component only) and used as it is.
 *
 * A plain, empty file under the name that is no mount point is what a crash
 * left, and is taken over. One that is younger than a second and was not made by
 * this library may be a name that another program is just making: the call waits
 * until it is live or a second old. Everything else under the name is refused.
 *
 * Returns: 0, or
 *   -EINVAL   @ret is NULL, @opts->size is 0 (or does not cover itself), unknown
 *             flag or non-zero tail, bad name, @dir not absolute, NETNS_CREATE_UNPINNED together with a
 *             name or NETNS_CREATE_KEEP
 *   -EEXIST   the name is in use, or something else than a stale pin is there
 *   -EPERM    no CAP_SYS_ADMIN
 *   -ENOENT, -ENOTDIR, -EACCES, -EROFS, -ENAMETOOLONG, -ELOOP
 *             the run directory, as open(2) and mkdir(2); -ELOOP also for a
 *             symbolic link of somebody else's on the way to @dir
 *   -ENOSPC   user.max_net_namespaces or fs.mount-max reached, or no room
 *   -EAGAIN   RLIMIT_NPROC or pids.max reached
 *   -ETIMEDOUT  somebody has held the lock on the run directory for ten seconds
 *   -EMFILE, -ENFILE, -ENOMEM
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN. Since: 1.
 * Source: clone(2), network_namespaces(7); open_tree(2), Linux 5.2.
 */
int netns_create(const struct netns_create_opts *opts, struct netns **ret);

/**
 * netns_attach - give a name to an existing namespace
 * @ns:   the namespace.
 * @dir:  the run directory, NULL for the default one; created as in
 *        netns_create().
 * @name: the name to give.
 *
 * The name outlives the handle. A namespace may have any number of names.
 *
 * Returns: 0, or the errors of netns_create(); -EBADF when @ns is closed.
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the mount namespace. Since: 1.
 */
int netns_attach(struct netns *ns, const char *dir, const char *name);

/**
 * netns_delete - remove a name
 * @dir:  the run directory, NULL for the default one.
 * @name: the name to remove.
 *
 * Unmounts what is pinned there, to the last of a stack of pins, and removes
 * the file. The namespace itself lives on while a process, descriptor, socket
 * or other name uses it. A stale name is removed as well (one that may be just in
 * the making is waited for, as in netns_create()). If the file cannot be removed,
 * the pin is put back, of a stack the one on top. Killed in the middle, the call
 * can leave a stale name.
 *
 * Returns: 0, or
 *   -EINVAL       bad name, or @dir not absolute
 *   -ENOENT       no such name, or no run directory
 *   -EMEDIUMTYPE  not a pin of a network namespace (a symbolic link, a file with
 *                 content, a mount of something else): not touched
 *   -EPERM        no CAP_SYS_ADMIN
 *   -EBUSY        the file is in use as a mount point by something else
 *   -ETIMEDOUT    somebody has held the lock on the run directory for ten seconds
 *   -EACCES, -EROFS, -ENOTDIR, -ELOOP, -EMFILE, -ENFILE, -ENOMEM
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the mount namespace. Since: 1.
 */
int netns_delete(const char *dir, const char *name);

/** Who a name goes with. */
enum netns_lease_state {
	NETNS_LEASE_NONE = 0,     /* nobody: it stays until it is deleted */
	NETNS_LEASE_HELD = 1,     /* a process that is there */
	NETNS_LEASE_ORPHANED = 2, /* a process that is gone */
	NETNS_LEASE_UNKNOWN = 3,  /* a process that cannot be seen from here: of another pid or time
				     namespace, or a container that is told another boot, or there
				     is no /proc that shows it */
};

/**
 * struct netns_lease - who a name goes with
 * @state: enum netns_lease_state.
 * @pid:   the process that made it, as its number was there; 0 without a lease.
 */
struct netns_lease {
	int state;
	pid_t pid;
};

/**
 * netns_get_lease - does a name go with a process, and is that there?
 * @dir:  the run directory, NULL for the default one.
 * @name: a name in it.
 * @ret:  the answer.
 *
 * netns_create() without NETNS_CREATE_KEEP makes a name that goes with the handle. When the process
 * dies without closing it, the name stays; so that it can be told from those that are meant to
 * stay, the process that made it (also when it has forked since) is noted on the file under the
 * pin, as an extended attribute. Where that is not possible, the answer is NETNS_LEASE_NONE.
 *
 * A process is known by its number, its start and the boot, so that one that got the number since
 * is not taken for it.
 *
 * Returns: 0, or the errors of netns_open_name_in(), or
 *   -EINVAL      @ret is NULL
 *   -EPERM       no CAP_SYS_ADMIN
 *   -EOPNOTSUPP  Linux < 5.2
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the mount namespace. Since: 1.
 * Source: open_tree(2), Linux 5.2; xattr(7).
 */
int netns_get_lease(const char *dir, const char *name, struct netns_lease *ret);

/** A name under which there is only an empty file. */
#define NETNS_COLLECT_STALE 0x1u
/** A name whose lease is NETNS_LEASE_ORPHANED. */
#define NETNS_COLLECT_ORPHANED 0x2u
/**
 * The caller has the lock of the run directory, an exclusive flock(2) on the directory itself: it is
 * not taken. All that makes names by this library takes it, in every mount namespace, so what was
 * looked at under it stays as it was.
 */
#define NETNS_COLLECT_LOCKED 0x4u

/**
 * netns_collect - remove a name that a crash has left
 * @dir:  the run directory, NULL for the default one.
 * @name: the name.
 * @what: NETNS_COLLECT_*: which kinds may go, and how.
 *
 * Unlike netns_delete() it touches nothing that is in use: what stands under the name is judged
 * and removed in one go. A stale name younger than a second may be just in the making and is waited
 * for. What is mounted in other mount namespaces is not looked at: removing a file unmounts it there
 * (Linux 3.18). Who can look there himself does so under the lock: NETNS_COLLECT_LOCKED.
 *
 * Returns: 1 if the name was removed, 0 if it is not of a kind that may go (or not there), or
 *   -EINVAL      bad name, unknown flag
 *   -ENOENT      no run directory
 *   -EPERM       no CAP_SYS_ADMIN
 *   -EOPNOTSUPP  NETNS_COLLECT_ORPHANED, and Linux < 5.2
 *   and the other errors of netns_delete()
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the mount namespace. Since: 1.
 */
int netns_collect(const char *dir, const char *name, unsigned what);

/**
 * netns_get_run_dir - the default run directory
 *
 * Returns: an absolute path, chosen when the library was built; never NULL.
 *
 * Thread: any. Privilege: none. Since: 1.
 */
const char *netns_get_run_dir(void);

/* ------------------------------------------------------------------------
 * Many at once
 * ------------------------------------------------------------------------ */

/**
 * netns_progress_fn - told how far a long call has come
 * @done: so many are dealt with,
 * @n:    of so many.
 * @arg:  what the caller gave along with the function.
 *
 * Called on the calling thread. Returns 0 to go on; anything else ends the call as soon as what has
 * been begun is done.
 */
typedef int (*netns_progress_fn)(size_t done, size_t n, void *arg);

/** As many as possible: that some fail is no error. Without it, all or nothing. */
#define NETNS_BATCH_PARTIAL 0x100u
/** In a run directory of their own, netns_dir_mount(), which goes as one. */
#define NETNS_BATCH_MOUNT 0x200u

/**
 * struct netns_batch_opts - how to create many
 * @size:     sizeof(struct netns_batch_opts); a smaller size means that the rest is zero.
 * @dir:      the run directory, NULL for the default one
 * @names:    @n names; or NULL
 * @pattern:  a name with one number in it, as printf(3) has it: %d or %u, with a width if wanted
 *            ("web-%04d"), %% for a percent sign; or NULL. Without both, the names are random.
 * @first:    the first number
 * @flags:    NETNS_CREATE_KEEP, NETNS_CREATE_LO_UP, NETNS_BATCH_PARTIAL, NETNS_BATCH_MOUNT
 * @n:        how many
 * @threads:  on how many threads; 0: on as many as there are processors, but no more than 4, since
 *            more gain nothing
 * @reserved: 0
 * @progress: told how far it has come; NULL is fine
 * @arg:      handed through to it
 */
struct netns_batch_opts {
	size_t size;
	const char *dir;
	const char *const *names;
	const char *pattern;
	unsigned first;
	unsigned flags;
	size_t n;
	unsigned threads;
	unsigned reserved;
	netns_progress_fn progress;
	void *arg;
};

/** Names that were made together. It holds no descriptor. */
struct netns_batch;

/**
 * netns_create_many - create many network namespaces
 * @opts: which and how.
 * @ret:  the batch, the caller's to give to netns_batch_free().
 *
 * netns_create() for many, on several threads that are gone when the call returns. All or nothing,
 * unless NETNS_BATCH_PARTIAL is given: then netns_batch_get_error() tells of each. Without
 * NETNS_CREATE_KEEP the names go with the batch, and with the process (netns_get_lease()).
 *
 * With NETNS_BATCH_MOUNT @opts->dir is made by netns_dir_mount(), and netns_batch_delete() removes
 * it, and all that is in it by then, at once: a thousand names in the time of some twenty.
 *
 * Returns: 0, or
 *   -EINVAL     NULL, @opts->size is 0, unknown flag or non-zero tail, a bad name or pattern, names
 *               and a pattern
 *   -ECANCELED  @opts->progress ended it; without NETNS_BATCH_PARTIAL nothing is left
 *   and the errors of netns_create(): that of the first that failed; with NETNS_BATCH_MOUNT those
 *   of netns_dir_mount()
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_create_many(const struct netns_batch_opts *opts, struct netns_batch **ret);

/**
 * netns_batch_get_count - how many a batch was to have
 * @batch: the batch; NULL has none.
 *
 * Returns: the number.
 *
 * Thread: any. Privilege: none. Since: 1.
 */
size_t netns_batch_get_count(const struct netns_batch *batch);

/**
 * netns_batch_get_name - the name of one of a batch
 * @batch: the batch.
 * @i:     from 0 on.
 *
 * Returns: the name, also when it could not be made; the batch's. NULL beyond the last.
 *
 * Thread: any. Privilege: none. Since: 1.
 */
const char *netns_batch_get_name(const struct netns_batch *batch, size_t i);

/**
 * netns_batch_get_error - was one of a batch made?
 * @batch: the batch.
 * @i:     from 0 on.
 *
 * Returns: 0 if it was; else netns_create()'s error, -ECANCELED if it was not begun, -ENOENT after
 * netns_batch_delete(), -EINVAL beyond the last.
 *
 * Thread: any. Privilege: none. Since: 1.
 */
int netns_batch_get_error(const struct netns_batch *batch, size_t i);

/**
 * netns_batch_delete - remove all names that a batch made
 * @batch: the batch, which stays, with nothing in it.
 *
 * A name under which somebody has put another namespace since is not touched; with
 * NETNS_BATCH_MOUNT the whole directory goes, unless it is another by now.
 *
 * Returns: 0, or -EINVAL (NULL), or the first error of netns_close(); the others are removed, save
 * after -ETIMEDOUT, which those that come after would wait for in vain.
 *
 * Thread: needs the batch alone. Privilege: that of netns_delete(). Since: 1.
 */
int netns_batch_delete(struct netns_batch *batch);

/**
 * netns_batch_free - free a batch
 * @batch: the batch; NULL is fine. Without NETNS_CREATE_KEEP its names are removed.
 *
 * Thread: needs the batch alone. Privilege: that of netns_delete(). Since: 1.
 */
void netns_batch_free(struct netns_batch *batch);

/**
 * netns_delete_many - remove many names
 * @dir:      the run directory, NULL for the default one.
 * @names:    @n names.
 * @errors:   gets what netns_delete() would have answered for each; -ECANCELED for those not
 *            begun. NULL is fine.
 * @progress: told how far it has come; NULL is fine.
 * @arg:      handed through to it.
 *
 * netns_delete() for many, with the directory opened and locked once for many of them. A failure
 * does not end it, but for -ETIMEDOUT, which is then that of the others too. In the default
 * directory, a name after one that went is not held meanwhile, which saves a quarter of the time:
 * should its file then stay all the same, as when it alone was made immutable or has content,
 * nothing is put back, and the namespace has lost this name.
 *
 * Returns: 0 if all were removed, else the first error; -EINVAL with nothing touched, @errors
 * neither, when one of the names is bad; -ECANCELED when @progress ended it.
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the mount namespace. Since: 1.
 */
int netns_delete_many(const char *dir, const char *const names[], size_t n, int errors[],
	netns_progress_fn progress, void *arg);

/**
 * netns_dir_mount - make a run directory that can go as one
 * @dir:   its path: absolute, not that of the default one. Nothing may be there but an empty
 *         directory; what is to hold it must be there.
 * @flags: NETNS_CREATE_KEEP: it stays when the calling process is gone. Else netns_dir_get_lease()
 *         tells that it is an orphan then.
 *
 * Mounts a tmpfs there, for names as in any run directory, with mode 0755. It appears whole.
 *
 * Returns: 0, or
 *   -EINVAL      @dir is NULL, not absolute, or the default one; unknown flag
 *   -EEXIST      something is there
 *   -EOPNOTSUPP  Linux < 5.2, no /proc, or a tmpfs without extended attributes
 *   -EPERM       no CAP_SYS_ADMIN in the initial user namespace
 *   -ENOENT, -ENOTDIR, -EACCES, -EROFS, -ELOOP, -ENAMETOOLONG, -ENOSPC, -EMFILE, -ENFILE, -ENOMEM
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the initial user namespace. Since: 1.
 * Source: fsopen(2), Linux 5.2; trusted extended attributes, xattr(7).
 */
int netns_dir_mount(const char *dir, unsigned flags);

/**
 * netns_dir_delete - remove such a run directory, and all names in it, at once
 * @dir: its path.
 *
 * One unmounting, however many names there are. Not only the names go: whatever was put there. If
 * the directory itself cannot be removed it stays, empty, and that is no failure.
 *
 * Returns: 0, or
 *   -EINVAL      @dir is NULL or not absolute
 *   -ENOENT      there is none
 *   -EMEDIUMTYPE not one that netns_dir_mount() made; nothing is touched
 *   and the errors of netns_delete()
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the initial user namespace. Since: 1.
 */
int netns_dir_delete(const char *dir);

/**
 * netns_dir_collect - remove such a run directory if a crash has left it
 * @dir: its path.
 *
 * netns_dir_delete() of one that is an orphan, and in which no name goes with a process that is
 * there: judged and removed in one go.
 *
 * Returns: 1 if it was removed, 0 if it is not of a kind that may go, or the errors of
 * netns_dir_delete().
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the initial user namespace. Since: 1.
 */
int netns_dir_collect(const char *dir);

/**
 * netns_dir_get_lease - is the process that made such a run directory there?
 * @dir: its path.
 * @ret: the answer, as of netns_get_lease(); NETNS_LEASE_NONE: it is meant to stay.
 *
 * Returns: 0, or the errors of netns_dir_delete().
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN in the initial user namespace; to others none is one
 * (-EMEDIUMTYPE). Since: 1.
 */
int netns_dir_get_lease(const char *dir, struct netns_lease *ret);

/* ------------------------------------------------------------------------
 * A pool of namespaces that are ready
 * ------------------------------------------------------------------------ */

/**
 * struct netns_pool_opts - how to keep namespaces ready
 * @size:     sizeof(struct netns_pool_opts); a smaller size means that the rest is zero.
 * @ready:    how many to keep ready, 1 to 65536; each takes two descriptors
 *            and some 200 bytes
 * @rate:     no more than so many are made in a second; 0: as fast as it goes
 * @flags:    NETNS_CREATE_LO_UP
 * @reserved: 0
 * @prepare:  run inside each when it is made, as by netns_do_thread(): on a thread of its own, which
 *            takes no signals and is scheduled as SCHED_BATCH (as the caller is when none is ready,
 *            who waits for it, and so must not hold a lock that it takes); when it does not return
 *            0, that one is dropped. NULL is fine.
 * @arg:      handed through to it
 */
struct netns_pool_opts {
	size_t size;
	unsigned ready;
	unsigned rate;
	unsigned flags;
	unsigned reserved;
	netns_fn prepare;
	void *arg;
};

/**
 * struct netns_pool_counts - what a pool has done
 * @made:       namespaces made by its thread
 * @taken:      taken from it
 * @missed:     of these, made while the caller waited, since none was ready
 * @failed:     attempts of its thread that failed
 * @ready:      ready now
 * @last_error: of the last attempt that failed, a negative errno; else 0
 * @reserved:   0
 */
struct netns_pool_counts {
	uint64_t made;
	uint64_t taken;
	uint64_t missed;
	uint64_t failed;
	uint64_t ready;
	int last_error;
	unsigned reserved;
};

/** Namespaces made in advance. */
struct netns_pool;

/**
 * netns_pool_new - begin to keep namespaces ready
 * @opts: how many and how.
 * @ret:  the pool, the caller's to give to netns_pool_free().
 *
 * A thread of the pool's makes them, and makes up for those taken when a quarter is gone or when
 * netns_pool_wait() asks for more than there are. A namespace that was handed out never comes back.
 * What is ready has no name and is held by descriptors: when the process dies, nothing is left.
 * Returns at once; netns_pool_wait() waits.
 *
 * After fork(2) the child can only free its copy of the pool; the descriptors in it stay open there
 * until it executes a program or ends.
 *
 * Returns: 0, or -EINVAL (NULL, bad options), -ENOMEM, -EAGAIN (no thread).
 *
 * Thread: any; keeps one until netns_pool_free(). Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_pool_new(const struct netns_pool_opts *opts, struct netns_pool **ret);

/**
 * netns_pool_wait - wait until namespaces are ready
 * @pool:       the pool.
 * @n:          how many; no more than it keeps.
 * @timeout_ms: how long, in milliseconds.
 *
 * Returns: 0, or -ETIMEDOUT, -EINVAL (NULL), -EOWNERDEAD (in a child of fork(2)). After -ETIMEDOUT
 * netns_errmsg() tells how the last attempt of the pool's thread failed, if it did.
 *
 * Thread: any. Privilege: none. Since: 1.
 */
int netns_pool_wait(struct netns_pool *pool, unsigned n, unsigned timeout_ms);

/**
 * netns_pool_take - take a namespace without a name
 * @pool: the pool.
 * @ret:  the handle, as of netns_create() with NETNS_CREATE_UNPINNED.
 *
 * When none is ready, one is made meanwhile.
 *
 * Returns: 0, or -EINVAL (NULL), -EOWNERDEAD (in a child of fork(2)), or when one had to be made
 * the errors of netns_create(), and -ECANCELED when the prepare function did not return 0.
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_pool_take(struct netns_pool *pool, struct netns **ret);

/**
 * netns_pool_take_named - take a namespace and give it a name
 * @pool:  the pool.
 * @dir:   the run directory, NULL for the default one; created as in netns_create().
 * @name:  the name.
 * @flags: NETNS_CREATE_KEEP, or 0: the name goes with the handle.
 * @ret:   the handle.
 *
 * Returns: as netns_pool_take(), and the errors of netns_create() for the name.
 *
 * Thread: any. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_pool_take_named(struct netns_pool *pool, const char *dir, const char *name,
	unsigned flags, struct netns **ret);

/**
 * netns_pool_get_counts - what a pool has done
 * @pool: the pool.
 * @ret:  the counts.
 *
 * Returns: 0, or -EINVAL (NULL), -EOWNERDEAD (in a child of fork(2)).
 *
 * Thread: any. Privilege: none. Since: 1.
 */
int netns_pool_get_counts(struct netns_pool *pool, struct netns_pool_counts *ret);

/**
 * netns_pool_free - end a pool
 * @pool: the pool; NULL is fine. What is ready ends with it; what was taken does not.
 *
 * Thread: needs the pool alone; waits for its thread. Privilege: none. Since: 1.
 */
void netns_pool_free(struct netns_pool *pool);

/* ------------------------------------------------------------------------
 * The handle
 * ------------------------------------------------------------------------ */

/**
 * netns_get_path - the path that a handle was opened or created under
 * @ns: a handle, also a closed one; NULL is answered with NULL.
 *
 * The equivalent of CNI's Path.
 *
 * Returns: the path, owned by the handle; NULL if it never had one
 * (netns_open_fd(), netns_open_socket(), NETNS_CREATE_UNPINNED).
 *
 * Thread: any. Privilege: none. Since: 1.
 */
const char *netns_get_path(const struct netns *ns);

/**
 * netns_get_fd - the descriptor of a handle
 * @ns: a handle.
 *
 * The equivalent of CNI's Fd.
 *
 * Returns: the descriptor (0 is a valid one), borrowed: it is closed with the
 * handle. Or -EBADF when the handle is closed, -EINVAL when @ns is NULL.
 *
 * Thread: any. Privilege: none. Since: 1.
 */
int netns_get_fd(const struct netns *ns);

/**
 * netns_close - close a handle
 * @ns: a handle. The object stays, closed: its path can still be read and
 *      everything else answers -EBADF.
 *
 * The equivalent of CNI's Close. A pin that this handle made is removed, also
 * while others have it open, unless NETNS_CREATE_KEEP was given; if it is gone
 * already that is fine, and if somebody has put another namespace there since,
 * that one is not touched. A pin that was only opened is never touched. The
 * namespace dies with its last user.
 *
 * After fork(2) both processes have a handle that owns the pin: the first to
 * close it removes it.
 *
 * Returns: 0, or
 *   -EINVAL  @ns is NULL
 *   -EBADF   closed already
 *   -EPERM, -EACCES, -EROFS, -EBUSY, -ELOOP, -ETIMEDOUT, -EMFILE, -ENFILE,
 *   -ENOMEM  the pin could not be removed, as netns_delete(); the handle stays
 *            open
 *
 * Thread: needs the handle alone. Privilege: none, or, for an owned pin, that
 * of netns_delete(). Since: 1.
 */
int netns_close(struct netns *ns);

/**
 * netns_free - close a handle if need be, and free it
 * @ns: a handle; NULL is fine.
 *
 * As netns_close(), but the object and its descriptor go in any case. Call
 * netns_close() before to learn whether an owned pin could be removed.
 *
 * Thread: needs the handle alone. Privilege: as netns_close(). Since: 1.
 */
void netns_free(struct netns *ns);

/**
 * netns_errmsg - why the last call on this thread failed
 *
 * Returns: a sentence that names the call, the path or name as it was given
 * (whatever characters it holds: escape it before it goes to a terminal), the
 * kernel's explanation where there is one, and the error. Never NULL; empty
 * when nothing has failed yet. It stays until the next failure on this thread.
 *
 * Thread: speaks of the calling thread. Privilege: none. Since: 1.
 */
const char *netns_errmsg(void);

/* ------------------------------------------------------------------------
 * Being inside
 * ------------------------------------------------------------------------ */

/**
 * netns_do - run a function inside a network namespace
 * @ns:  where to run it.
 * @fn:  what to run; on the calling thread.
 * @arg: handed to @fn.
 *
 * The equivalent of CNI's Do. The thread enters @ns, @fn runs, the thread goes
 * back to where it was, also when @fn moved it elsewhere, when the thread is
 * cancelled inside, and when a C++ exception passes. Calls nest. `errno` is
 * what @fn left.
 *
 * Signal handlers that run on this thread meanwhile run inside @ns; block
 * signals before if that matters. Threads and processes that @fn starts are
 * born inside @ns and stay there.
 *
 * If going back fails, as when @fn dropped privileges, the answer is
 * -ENOTRECOVERABLE whatever @fn returned. The thread is then in @ns or where
 * @fn moved it: it may free memory, close descriptors, tell another thread, and
 * end; it must not go on as if it were home. When an exception or a
 * cancellation is passing, only netns_errmsg() tells.
 *
 * Returns: what @fn returned, or, when @fn was not called,
 *   -EINVAL  @ns or @fn is NULL
 *   -EBADF   @ns is closed
 *   -EPERM   no CAP_SYS_ADMIN
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOENT  the way home could not be kept, as
 *            netns_open_current()
 * or, when it was, -ENOTRECOVERABLE. Let @fn answer through @arg where these
 * must be told from its own value.
 *
 * Thread: moves the calling thread, and back. Keeps one descriptor (a pidfd) on
 * each thread that has called it, see netns_thread_release(). Privilege:
 * CAP_SYS_ADMIN. Since: 1.
 * Source: setns(2); PIDFD_GET_NET_NAMESPACE, Linux 6.11.
 */
int netns_do(struct netns *ns, netns_fn fn, void *arg);

/**
 * netns_do_from - run a function inside a network namespace, home being known
 * @ns:   where to run it.
 * @home: where the calling thread is now, and will be again; also what @fn gets
 *        as its `host`. Nobody may close it meanwhile. This is not checked: a
 *        wrong @home is where the thread ends.
 * @fn:   what to run.
 * @arg:  handed to @fn.
 *
 * netns_do() at its cheapest: exactly two setns(2) and nothing kept.
 *
 * Returns: as netns_do(); -EINVAL also when @home is NULL, -EBADF also when
 * @home is closed.
 *
 * Thread: moves the calling thread, and back. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_do_from(struct netns *ns, struct netns *home, netns_fn fn, void *arg);

/**
 * netns_do_path - run a function inside the network namespace at a path
 * @path: as for netns_open().
 * @fn:   what to run.
 * @arg:  handed to @fn.
 *
 * The equivalent of CNI's WithNetNSPath.
 *
 * Returns: as netns_do(), or, when @fn was not called, as netns_open().
 *
 * Thread: moves the calling thread, and back. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_do_path(const char *path, netns_fn fn, void *arg);

/**
 * netns_do_thread - run a function inside a network namespace, on its own thread
 * @ns:  where to run it.
 * @fn:  what to run; `host` is where the calling thread is.
 * @arg: handed to @fn.
 *
 * For a function that is not trusted to come back: the thread it runs on is
 * thrown away after it, and the calling thread never moves. All signals are
 * blocked on that thread. The call waits for it and is not cancelled meanwhile.
 *
 * Returns: what @fn returned;
 *   -ECANCELED  @fn ended its thread (pthread_exit(3), cancellation)
 *   -EAGAIN     no thread could be made
 * and, when @fn was not called, the errors of netns_do(). Never
 * -ENOTRECOVERABLE of itself.
 *
 * Thread: moves no thread that lives on. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_do_thread(struct netns *ns, netns_fn fn, void *arg);

/**
 * struct netns_scope - the way back from netns_enter()
 *
 * Lives on the stack of the caller; the members are the library's.
 */
struct netns_scope {
	int home_fd;
	unsigned state;
	uint64_t reserved[2];
};

/** What a scope is before netns_enter(); netns_leave() on it does nothing. */
/* clang-format off */
#define NETNS_SCOPE_INIT { -1, 0, { 0, 0 } }
/* clang-format on */

/**
 * netns_enter - enter a network namespace, to leave it again
 * @scope: will know the way back; overwritten.
 * @ns:    where to go.
 * @home:  where the calling thread is now, which nobody may close before
 *         netns_leave(); or NULL to have it looked up.
 *
 * netns_do() without a callback. The same thread must call netns_leave() with
 * the same scope. Scopes nest when left in reverse order.
 *
 *	struct netns_scope scope;
 *
 *	r = netns_enter(&scope, ns, NULL);
 *	if (r < 0)
 *		return r;
 *	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
 *	r = netns_leave(&scope);
 *
 * Returns: 0, or
 *   -EINVAL  @scope or @ns is NULL
 *   -EBADF   @ns or @home is closed
 *   -EPERM   no CAP_SYS_ADMIN
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOENT  as netns_open_current()
 * On failure the thread has not moved and @scope needs no netns_leave().
 *
 * Thread: moves the calling thread; keeps one descriptor on it, as netns_do().
 * Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_enter(struct netns_scope *scope, struct netns *ns, struct netns *home);

/**
 * netns_leave - go back to where netns_enter() came from
 * @scope: the scope; usable again afterwards. One that is not entered (also
 *         NETNS_SCOPE_INIT) is left alone.
 *
 * `errno` is left as it was.
 *
 * Returns: 0, or
 *   -EINVAL           @scope is NULL
 *   -ENOTRECOVERABLE  the thread could not go back, see netns_do()
 *
 * Thread: the one that entered. Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_leave(struct netns_scope *scope);

/**
 * netns_set - move the calling thread into a network namespace, for good
 * @ns: where to go.
 *
 * The equivalent of CNI's Set.
 *
 * Returns: 0, or -EINVAL (@ns is NULL), -EBADF (closed), -EPERM (no
 * CAP_SYS_ADMIN), -ENOMEM.
 *
 * Thread: moves the calling thread. Privilege: CAP_SYS_ADMIN. Since: 1.
 * Source: setns(2).
 */
int netns_set(struct netns *ns);

/**
 * netns_visit_fn - code to run in one of many namespaces
 * @ns:  the namespace that the thread is in.
 * @i:   its place among them.
 * @arg: what the caller of netns_visit() gave.
 *
 * Returns: 0; or anything else, which ends the visit unless all results are wanted.
 */
typedef int (*netns_visit_fn)(struct netns *ns, size_t i, void *arg);

/**
 * struct netns_visit_opts - how to visit
 * @size:     sizeof(struct netns_visit_opts); a smaller size means that the rest is zero.
 * @results:  room for a result each: what the function answered, or the error of entering. Then
 *            none ends the visit. NULL: the first that is not 0 ends it.
 * @home:     where the calling thread is now, which nobody may close meanwhile; NULL: it is looked
 *            up
 * @threads:  2 or more: on so many threads, which are gone afterwards and take no signals; the
 *            function must not throw then. Else on the calling thread.
 * @reserved: 0
 */
struct netns_visit_opts {
	size_t size;
	int *results;
	struct netns *home;
	unsigned threads;
	unsigned reserved;
};

/**
 * netns_visit - run a function in many namespaces
 * @ns:   @n handles.
 * @fn:   the function.
 * @arg:  handed through to it.
 * @opts: NULL for the calling thread, until one fails.
 *
 * As netns_do() for each, but with one switch for each and one to come home, instead of two for
 * each. The thread comes home in all the cases in which it does with netns_do().
 *
 * Returns: 0 if all answered 0; else the first answer that is not 0 (with @opts->results: that of
 * the first in the order of @ns), or
 *   -EINVAL           NULL where none is allowed, bad options
 *   -EBADF            one of the handles is closed
 *   -EPERM            no CAP_SYS_ADMIN
 *   -EAGAIN           no thread could be made
 *   -ECANCELED        with @opts->threads: @fn ended its thread (pthread_exit(3)), and so the visit
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOENT  as netns_open_current()
 *   -ENOTRECOVERABLE  the thread could not go home, see netns_do()
 *
 * Thread: moves the calling thread, and back, unless @opts->threads says otherwise. Privilege:
 * CAP_SYS_ADMIN. Since: 1.
 */
int netns_visit(struct netns *const ns[], size_t n, netns_visit_fn fn, void *arg,
	const struct netns_visit_opts *opts);

/**
 * netns_socket - make a socket inside a network namespace
 * @ns:       where the socket shall live.
 * @domain, @type, @protocol: as socket(2); SOCK_CLOEXEC is always added.
 *
 * The thread is inside for the one call and takes no signal meanwhile. The
 * socket stays in @ns for ever, whoever uses it.
 *
 * Returns: the descriptor, or socket(2)'s error exactly (-EAFNOSUPPORT,
 * -EPROTONOSUPPORT, -EPERM, -EACCES, -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM,
 * -EINVAL), or that of netns_enter(), or -ENOTRECOVERABLE as netns_do() (the
 * socket is closed then).
 *
 * Thread: moves the calling thread, and back; keeps one descriptor on it, as
 * netns_do(). Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_socket(struct netns *ns, int domain, int type, int protocol);

/**
 * netns_openat - open a file inside a network namespace
 * @ns:    the namespace to look from.
 * @path:  what to open, for the files whose content depends on the namespace of
 *         who opens them: /proc/net/..., /proc/sys/net/...
 * @flags: as open(2); O_CLOEXEC is always added.
 * @mode:  as open(2), for O_CREAT and O_TMPFILE.
 *
 * /proc/net is a link to /proc/self/net and so shows the namespace of the
 * *main* thread; a @path that begins with /proc/net/ or /proc/self/net/ is
 * opened under /proc/thread-self/net/ instead, which is what the caller means
 * (proc(5)); other ways to write it are not seen through. The descriptor of a
 * file goes on showing @ns afterwards; that of a directory in /proc does not, as
 * each look into it is a new one.
 *
 * Returns: the descriptor, or open(2)'s error exactly, or that of
 * netns_enter(), or -ENOTRECOVERABLE as netns_do(); -EINVAL when @path is NULL;
 * -ENAMETOOLONG when it has 4,096 bytes or more.
 *
 * Thread: moves the calling thread, and back, taking no signal meanwhile; keeps
 * one descriptor on it, as netns_do(). Privilege: CAP_SYS_ADMIN. Since: 1.
 */
int netns_openat(struct netns *ns, const char *path, int flags, mode_t mode);

/**
 * netns_thread_release - drop what the library keeps for the calling thread
 *
 * netns_do(), netns_do_path(), netns_do_thread(), netns_enter(), netns_socket(),
 * netns_openat() and netns_open_current() keep a pidfd of the calling thread, by
 * which the way home is found fast. It is closed when the thread ends and in the child of
 * fork(2); this closes it now. Calling it is never needed, also not before
 * closing all descriptors: a kept number that has become something else is
 * noticed and forgotten.
 *
 * Thread: speaks of the calling thread. Privilege: none. Since: 1.
 */
void netns_thread_release(void);

/* ------------------------------------------------------------------------
 * Processes inside
 * ------------------------------------------------------------------------ */

/**
 * netns_warn_fn - told of what went wrong without making a call fail
 * @text: a sentence, without a newline; valid during the call.
 * @arg:  what the caller gave along with the function.
 */
typedef void (*netns_warn_fn)(const char *text, void *arg);

/**
 * netns_private_mounts - /sys and /etc as they are inside a namespace
 * @name: the name whose files in /etc/netns/NAME are put over those in /etc; NULL for none.
 * @warn: called for each file or mount that could not be put in place; NULL is fine.
 * @arg:  handed through to @warn.
 *
 * Gives the calling thread a mount namespace of its own, for good, in which /sys shows the network
 * namespace that the thread is in, as `netns exec` does. What is mounted below /sys (cgroup,
 * bpf, ...) stays there; what is mounted outside later is seen inside, not the other way round. /sys
 * is read-only if it was. A file of /etc/netns/NAME is put over the symbolic link itself where /etc
 * has one.
 *
 * Meant for a process that is about to execute another program. On failure the thread may already
 * be in a mount namespace of its own.
 *
 * Returns: 0, or
 *   -EINVAL  bad name
 *   -EPERM   no CAP_SYS_ADMIN
 *   -ENOSPC  user.max_mnt_namespaces or fs.mount-max reached
 *   -EBUSY, -ENOMEM  from the mounting of /sys
 *
 * Thread: moves the calling thread, which stops sharing its working directory and umask with the
 * others (CLONE_FS). Privilege: CAP_SYS_ADMIN. Since: 1.
 * Source: mount_namespaces(7); open_tree(2), Linux 5.2.
 */
int netns_private_mounts(const char *name, netns_warn_fn warn, void *arg);

/** With the mounts of netns_private_mounts(). */
#define NETNS_SPAWN_MOUNTS 0x1u
/** The file is looked for in the caller's PATH, as by execvp(3). */
#define NETNS_SPAWN_SEARCH 0x2u
/** As the leader of a new session, setsid(2). */
#define NETNS_SPAWN_SETSID 0x4u
/** As the leader of a new process group, setpgid(2). */
#define NETNS_SPAWN_SETPGROUP 0x8u
/** As the user `uid` with the group `gid` and the supplementary `groups`, and no others. */
#define NETNS_SPAWN_SETUSER 0x10u

/** How far netns_spawn() came. */
enum netns_spawn_step {
	NETNS_SPAWN_STEP_START = 0,   /* making the process */
	NETNS_SPAWN_STEP_ENTER = 1,   /* entering the namespace */
	NETNS_SPAWN_STEP_MOUNTS = 2,  /* NETNS_SPAWN_MOUNTS */
	NETNS_SPAWN_STEP_PREPARE = 3, /* signals, session, user, directory, descriptors */
	NETNS_SPAWN_STEP_EXECUTE = 4, /* execve(2) */
};

/**
 * struct netns_spawn_fd - a descriptor of the child
 * @fd:   its number there.
 * @from: the caller's descriptor that it is a copy of; -1: it is closed.
 */
struct netns_spawn_fd {
	int fd;
	int from;
};

/**
 * struct netns_spawn_opts - how to start a program
 * @size:         sizeof(struct netns_spawn_opts); a smaller size means that the rest is zero.
 * @flags:        NETNS_SPAWN_*
 * @n_fds, @fds:  done one after the other, as by dup2(2): what is not named here is inherited
 *                unless it is close-on-exec.
 * @envp:         the environment; NULL: the caller's
 * @cwd:          the working directory; NULL: the caller's
 * @sigmask:      a sigset_t: the signal mask; NULL: the calling thread's
 * @sigdefault:   a sigset_t: signals to be at their default; NULL: none beside those that the caller
 *                has handlers for
 * @sigignore:    a sigset_t: signals to be ignored; NULL: none beside those that the caller ignores
 * @death_signal: sent to the child when the thread that started it ends (PR_SET_PDEATHSIG); 0: none
 * @reserved:     0
 * @name:         for NETNS_SPAWN_MOUNTS: as in netns_private_mounts()
 * @warn, @arg:   the same
 * @uid, @gid, @n_groups, @groups: for NETNS_SPAWN_SETUSER; set after the mounts are made, and before
 *                @cwd is gone to
 * @failed_step:  gets the enum netns_spawn_step at which a call failed; NULL is fine
 */
struct netns_spawn_opts {
	size_t size;
	unsigned flags;
	unsigned n_fds;
	const struct netns_spawn_fd *fds;
	char *const *envp;
	const char *cwd;
	const void *sigmask;
	const void *sigdefault;
	const void *sigignore;
	int death_signal;
	unsigned reserved;
	const char *name;
	netns_warn_fn warn;
	void *arg;
	uid_t uid;
	gid_t gid;
	size_t n_groups;
	const gid_t *groups;
	int *failed_step;
};

/**
 * netns_spawn - start a program inside a network namespace
 * @ns:   the namespace.
 * @file: the program; a path, or with NETNS_SPAWN_SEARCH what execvp(3) takes.
 * @argv: its arguments, the first of which is its name; NULL at the end.
 * @opts: NULL for nothing special.
 * @ret:  its process id.
 *
 * posix_spawn(3) with a namespace. The calling thread does not move, and nothing of the caller is
 * copied, however much memory it has: the child shares it until it executes the program, and the
 * calling thread waits for that. The program is running when the call returns; if any step
 * before failed, also the execution itself, that step's errno is the answer, there is no child, and
 * no SIGCHLD comes.
 *
 * The child is the caller's to wait for, by pidfd (waitid(P_PIDFD, ...)) or process id.
 *
 * Returns: a pidfd, close-on-exec, the caller's to close; or
 *   -EINVAL      a NULL where none is allowed, @opts->size is 0, unknown flag or non-zero tail, bad
 *                name
 *   -EBADF       @ns is closed, or a descriptor in @fds is
 *   -EPERM       no CAP_SYS_ADMIN
 *   -EAGAIN      RLIMIT_NPROC or pids.max reached
 *   -ECANCELED   something killed the child before it executed the program
 *   -EOPNOTSUPP  Linux < 5.2
 *   -EMFILE, -ENFILE, -ENOMEM
 *   and the errors of execve(2), chdir(2), setsid(2), setpgid(2) and netns_private_mounts()
 * netns_errmsg() says which step it was.
 *
 * Thread: any, also of a program with many threads. Privilege: CAP_SYS_ADMIN. Since: 1.
 * Source: clone(2), CLONE_PIDFD Linux 5.2; vfork(2); setns(2).
 */
int netns_spawn(struct netns *ns, const char *file, char *const argv[],
	const struct netns_spawn_opts *opts, pid_t *ret);

/* ------------------------------------------------------------------------
 * Identity
 * ------------------------------------------------------------------------ */

/**
 * struct netns_inode - what stat(2) says of a namespace
 *
 * As in /proc/PID/ns/net ("net:[4026531840]"). The pair names one namespace as
 * long as that lives; inode numbers are given again afterwards.
 */
struct netns_inode {
	uint64_t dev;
	uint64_t ino;
};

/**
 * netns_get_inode - device and inode number of a namespace
 * @ns:  a handle.
 * @ret: the pair.
 *
 * Returns: 0, or -EINVAL (NULL), -EBADF (closed).
 *
 * Thread: any. Privilege: none. Since: 1. Source: namespaces(7).
 */
int netns_get_inode(const struct netns *ns, struct netns_inode *ret);

/**
 * netns_get_id - the 64-bit id of a namespace
 * @ns:  a handle.
 * @ret: the id: never given again while the machine is up, never 0. Equal to
 *       SO_NETNS_COOKIE of any socket inside.
 *
 * Returns: 0, or
 *   -EINVAL      NULL
 *   -EBADF       closed
 *   -EOPNOTSUPP  unknown: the kernel is older than Linux 5.14, or older than
 *                6.18 and the caller may not enter @ns
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOTRECOVERABLE
 *                before Linux 6.18, as netns_socket()
 *
 * Thread: any; before Linux 6.18 moves the calling thread, and back, taking no
 * signal meanwhile. Privilege: none; before Linux 6.18 CAP_SYS_ADMIN. Since: 1.
 * Source: NS_GET_ID, Linux 6.18; SO_NETNS_COOKIE, Linux 5.14 (socket(7)).
 */
int netns_get_id(struct netns *ns, uint64_t *ret);

/**
 * netns_list_ids - the ids of all network namespaces
 * @ret: an array of them, ascending, the caller's to free(3); NULL when there are none.
 *
 * The kernel's own list: also of what no name, process or descriptor in sight leads to,
 * such as a namespace that is mounted where no process is. netns_open_spec() opens one
 * as "id:4242". What nothing holds but a socket is not on it.
 *
 * Returns: how many there are, or
 *   -EINVAL      @ret is NULL
 *   -EOPNOTSUPP  the kernel is older than Linux 6.19
 *   -ENOMEM
 *
 * Thread: any. Privilege: none for the calling thread's own; for all there are,
 * CAP_SYS_ADMIN, and to be in the initial process namespace. Since: 1.
 * Source: listns(2), Linux 6.19.
 */
int netns_list_ids(uint64_t **ret);

/**
 * netns_is_same - do two handles mean one namespace?
 * @a: a handle.
 * @b: a handle.
 *
 * Returns: 1 yes, 0 no, or -EINVAL (NULL), -EBADF (closed).
 *
 * Thread: any. Privilege: none. Since: 1.
 */
int netns_is_same(const struct netns *a, const struct netns *b);

/**
 * netns_get_owner_uid - the user that owns a namespace
 * @ns:  a handle.
 * @ret: the user id, as the caller sees it, of the creator of the user
 *       namespace that owns @ns.
 *
 * Returns: 0, or -EINVAL (NULL), -EBADF (closed), -EPERM (the owning user
 * namespace is not the caller's nor one below it), -EMFILE, -ENFILE, -ENOMEM.
 *
 * Thread: any. Privilege: none. Since: 1.
 * Source: ioctl_ns(2), NS_GET_USERNS Linux 4.9, NS_GET_OWNER_UID 4.11.
 */
int netns_get_owner_uid(const struct netns *ns, uid_t *ret);

/**
 * netns_open_owner - the user namespace that owns a namespace
 * @ns: a handle.
 *
 * Returns: a descriptor of the user namespace, the caller's to close; or
 * -EINVAL (NULL), -EBADF (closed), -EPERM, -EMFILE, -ENFILE, -ENOMEM as
 * netns_get_owner_uid().
 *
 * Thread: any. Privilege: none. Since: 1. Source: ioctl_ns(2).
 */
int netns_open_owner(const struct netns *ns);

/* ------------------------------------------------------------------------
 * nsids: the numbers by which one namespace knows another in rtnetlink(7)
 * ------------------------------------------------------------------------ */

/**
 * netns_get_nsid - the nsid that the calling thread's namespace has for another
 * @ns:  a handle.
 * @ret: the nsid, 0 or more.
 *
 * Returns: 0, or
 *   -EINVAL   NULL
 *   -EBADF    closed
 *   -ENODATA  there is none
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS, -EPROTONOSUPPORT
 *
 * Thread: speaks of the calling thread's namespace. Privilege: none. Since: 1.
 * Source: RTM_GETNSID, Linux 4.0.
 */
int netns_get_nsid(struct netns *ns, int *ret);

/**
 * netns_set_nsid - choose the nsid of a namespace
 * @ns:   a handle.
 * @nsid: the number, 0 or more.
 *
 * Once given, an nsid stays until one of the two namespaces goes.
 *
 * Returns: 0, or
 *   -EINVAL  NULL, or @nsid negative
 *   -EBADF   closed
 *   -EEXIST  @ns has an nsid already, or @nsid is another's
 *   -EPERM   no CAP_NET_ADMIN
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS, -EPROTONOSUPPORT
 *
 * The answer of the kernel can get lost for want of memory (-ENOMEM, -ENOBUFS):
 * then @nsid may have been given all the same, and netns_get_nsid() tells.
 *
 * Thread: speaks of the calling thread's namespace. Privilege: CAP_NET_ADMIN
 * over the calling thread's namespace. Since: 1. Source: RTM_NEWNSID, Linux 4.0.
 */
int netns_set_nsid(struct netns *ns, int nsid);

/**
 * netns_assign_nsid - the nsid of a namespace, given by the kernel if need be
 * @ns:  a handle.
 * @ret: the nsid, 0 or more: the one it has, or a new one.
 *
 * Returns: 0, or the errors of netns_set_nsid(), save -EEXIST.
 *
 * Thread: speaks of the calling thread's namespace. Privilege: CAP_NET_ADMIN if
 * there is none yet. Since: 1.
 */
int netns_assign_nsid(struct netns *ns, int *ret);

/**
 * struct netns_nsid - an nsid, and whom it means
 * @nsid:    the number that the namespace which was asked about has given.
 * @current: the number that the calling thread's namespace has for the same one; -1:
 *           none.
 */
struct netns_nsid {
	int nsid;
	int current;
};

/**
 * netns_list_nsids - all nsids that a namespace has given
 * @target: -1 for those of the calling thread's namespace; else the nsid, there, of
 *          the namespace whose nsids are wanted.
 * @ret:    an array of them, in no order, the caller's to free(3); NULL when there are
 *          none.
 *
 * One question to the kernel, whatever their number.
 *
 * Returns: how many there are, or
 *   -EINVAL      @ret is NULL
 *   -EINVAL, -ENOENT
 *                no namespace has the nsid @target
 *   -EOPNOTSUPP  @target is not -1, and the kernel is older than Linux 4.20
 *   -EPERM       no CAP_NET_ADMIN over the namespace @target
 *   -EOVERFLOW   there are more than a thousand, and the kernel does not tell all
 *   -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS, -EPROTONOSUPPORT
 *
 * Thread: speaks of the calling thread's namespace. Privilege: none; with @target,
 * CAP_NET_ADMIN over it. Since: 1. Source: RTM_GETNSID, Linux 4.0; NETNSA_TARGET_NSID, 4.20.
 */
int netns_list_nsids(int target, struct netns_nsid **ret);

/* ------------------------------------------------------------------------
 * Enumerating names
 * ------------------------------------------------------------------------ */

/** What stands under a name. */
enum netns_state {
	NETNS_LIVE = 1,    /* a network namespace is pinned there */
	NETNS_STALE = 2,   /* an empty file: what a crash left, or a name in the making */
	NETNS_FOREIGN = 3, /* something else: not ours to touch */
};

/**
 * struct netns_entry - one name
 * @name:  the name, whatever characters it holds.
 * @state: enum netns_state.
 * @inode: of the namespace, when it is live; else zeros.
 * @error: why it could not be looked at, a negative errno (-EACCES, or -EIO or -ENOTCONN
 *         of its file system); it is called foreign then. Else 0.
 */
struct netns_entry {
	const char *name;
	int state;
	struct netns_inode inode;
	int error;
};

/** An enumeration under way. */
struct netns_iter;

/**
 * netns_iter_new - begin to enumerate the names in a run directory
 * @dir: the run directory, NULL for the default one.
 * @ret: the enumeration, the caller's to give to netns_iter_free().
 *
 * A default run directory that does not exist has no names.
 *
 * Returns: 0, or -EINVAL (NULL, @dir not absolute), -ENOENT, -ENOTDIR, -EACCES,
 * -ELOOP, -ENAMETOOLONG, -EMFILE, -ENFILE, -ENOMEM.
 *
 * Thread: any; one enumeration by one thread at a time. Privilege: that of
 * opendir(3). Since: 1.
 */
int netns_iter_new(const char *dir, struct netns_iter **ret);

/**
 * netns_iter_next - the next name
 * @it:  the enumeration.
 * @ret: the entry; valid until the next call on @it.
 *
 * In no order. Costs one readdir(3) and one check. Names that come or go
 * meanwhile may or may not be seen. Nothing is followed or waited for.
 *
 * Returns: 1 and an entry, 0 at the end, or -EINVAL (NULL), -EIO, -EMFILE,
 * -ENFILE, -ENOMEM. After an error the enumeration may go on.
 *
 * Thread: see netns_iter_new(). Privilege: none. Since: 1.
 */
int netns_iter_next(struct netns_iter *it, const struct netns_entry **ret);

/**
 * netns_iter_free - end an enumeration
 * @it: the enumeration; NULL is fine.
 *
 * Thread: see netns_iter_new(). Privilege: none. Since: 1.
 */
void netns_iter_free(struct netns_iter *it);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* NETNS_H */
