/* SPDX-License-Identifier: Apache-2.0 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

int
pty_open(struct pty *p)
{
	struct termios tio;
	struct stat st;
	int r = 0;

	p->slave = -1;
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->master < 0)
		return -errno;
	if (grantpt(p->master) || unlockpt(p->master) || ptsname_r(p->master, p->name, sizeof(p->name)))
		r = -errno;
	else
		p->slave = open(p->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (!r && p->slave < 0)
		r = -errno;
	if (!r && !tcgetattr(p->slave, &tio)) {
		cfmakeraw(&tio);
		cfsetspeed(&tio, B115200);
		tcsetattr(p->slave, TCSANOW, &tio);
	}
	if (!r && p->link) {
		/* a link that an earlier run left behind is replaced, anything else is not */
		if (!lstat(p->link, &st) && S_ISLNK(st.st_mode))
			unlink(p->link);
		if (symlink(p->name, p->link))
			r = -errno;
	}
	if (r)
		pty_close(p);
	return r;
}

void
pty_close(struct pty *p)
{
	char to[64];
	ssize_t n;

	if (p->master < 0)
		return;
	n = p->link ? readlink(p->link, to, sizeof(to) - 1) : -1;
	if (n > 0) {
		to[n] = '\0';
		if (!strcmp(to, p->name))
			unlink(p->link);
	}
	close(p->slave);
	close(p->master);
	p->master = p->slave = -1;
}
