/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "foreign.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* Linux 5.3 */
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438 /* Linux 5.6 */
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif

int foreign_open(struct foreign *foreign, pid_t pid, int fd)
{
	long copy;

	if (foreign->pidfd < 0 || foreign->pid != pid) {
		foreign_close(foreign);
		foreign->pid = pid;
		foreign->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	}
	if (foreign->pidfd < 0)
		return -errno;
	copy = syscall(SYS_pidfd_getfd, foreign->pidfd, fd, 0);
	return copy < 0 ? -errno : (int)copy;
}

void foreign_close(struct foreign *foreign)
{
	if (foreign->pidfd >= 0)
		close(foreign->pidfd);
	foreign->pidfd = -1;
}

uint64_t foreign_cookie(int sock)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	return getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0 ? 0 : cookie;
}
