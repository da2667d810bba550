/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to know first: glibc's termios knows no rates but its Bxxx, so all of it
 * is done with the kernel's own struct termios2, which <termios.h> must not meet.
 */
#include "port/tty.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"

static const struct {
	unsigned baud;
	tcflag_t code;
} rates[] = {
	{ 1200, B1200 },       { 2400, B2400 },       { 4800, B4800 },       { 9600, B9600 },
	{ 19200, B19200 },     { 38400, B38400 },     { 57600, B57600 },     { 115200, B115200 },
	{ 230400, B230400 },   { 460800, B460800 },   { 500000, B500000 },   { 576000, B576000 },
	{ 921600, B921600 },   { 1000000, B1000000 }, { 1152000, B1152000 }, { 1500000, B1500000 },
	{ 2000000, B2000000 }, { 2500000, B2500000 }, { 3000000, B3000000 }, { 3500000, B3500000 },
	{ 4000000, B4000000 },
};

/* The rate's own code, which every driver knows, or the one for "any". */
static tcflag_t
rate_code(unsigned baud)
{
	size_t i;

	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (rates[i].baud == baud)
			return rates[i].code;
	return BOTHER;
}

static void
why_denied(const char *path, char *why, size_t size)
{
	struct group *g;
	struct stat st;

	g = stat(path, &st) == 0 ? getgrgid(st.st_gid) : NULL;
	str_add(why, size, "%s: permission denied; ", path);
	if (g && (st.st_mode & 0060) == 0060)
		str_add(why, size, "the daemon's user must be in the group \"%s\" (SupplementaryGroups=%s)", g->gr_name,
			g->gr_name);
	else
		str_add(why, size, "a udev rule should give the device to a group that the daemon is in");
}

/* Explains a failed open(); returns -error. */
static int
open_failed(const char *path, int error, char *why, size_t size)
{
	why[0] = '\0';
	switch (error) {
	case ENOENT:
		str_add(why, size, "%s: no such device; is the modem plugged in and powered?", path);
		break;
	case ENXIO:
	case ENODEV:
	case EIO:
		str_add(why, size, "%s: the device is there but nothing answers behind it (%s)", path, strerror(error));
		break;
	case EBUSY:
		str_add(why, size, "%s: in use by another process", path); /* who looks further knows more */
		break;
	case EACCES:
		why_denied(path, why, size);
		break;
	case EPERM: /* not of the file's mode, but of the control group */
		str_add(why, size, "%s: not allowed to this service; add DeviceAllow=char-KIND rw by \"systemctl edit celltlsd\", "
			"with its KIND as /proc/devices has it, and restart", path);
		break;
	case ENOTTY:
		str_add(why, size, "%s: not a tty; \"device\" must name the modem's serial port", path);
		break;
	default:
		str_add(why, size, "%s: cannot be opened: %s", path, strerror(error));
	}
	return -error;
}

/* Opening a file that is no tty could wait, or do something: look first. */
static int
check_kind(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	return S_ISCHR(st.st_mode) ? 0 : -ENOTTY;
}

/* UNIX98 pty, master or slave: devices.txt, major 128 to 143. */
static bool
is_pty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && major(st.st_rdev) >= 128 && major(st.st_rdev) <= 143;
}

/*
 * flock() keeps out those who ask; TIOCEXCL all but root.  A pty keeps TIOCEXCL
 * for as long as its other end is open, so that after a crash nobody could
 * come back to it: there the lock alone must do.
 */
static int
take_alone(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (!is_pty(fd))
		ioctl(fd, TIOCEXCL);
	return 0;
}

static void
make_raw(struct termios2 *t, bool rtscts)
{
	t->c_iflag = IGNBRK | IGNPAR;
	t->c_oflag = 0;
	t->c_lflag = 0;
	t->c_cflag &= ~(tcflag_t)(CSIZE | CSTOPB | PARENB | HUPCL | CRTSCTS);
	t->c_cflag |= CS8 | CREAD | CLOCAL;
	if (rtscts)
		t->c_cflag |= CRTSCTS;
	t->c_cc[VMIN] = 1; /* 0 would make "nothing there" look like a hang-up */
	t->c_cc[VTIME] = 0;
}

static void
set_rate(struct termios2 *t, unsigned baud)
{
	t->c_cflag &= ~(tcflag_t)(CBAUD | (CBAUD << IBSHIFT));
	t->c_cflag |= rate_code(baud) | (rate_code(baud) << IBSHIFT);
	t->c_ispeed = t->c_ospeed = baud;
}

static bool
rate_is_near(unsigned is, unsigned want)
{
	unsigned off = is > want ? is - want : want - is;

	return (uint64_t)off * 100 <= (uint64_t)want * 3; /* a UART bears about 3 % */
}

static int
configure(int fd, const char *path, unsigned baud, bool rtscts, char *why, size_t size)
{
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t) < 0)
		return open_failed(path, errno == EINVAL ? ENOTTY : errno, why, size);
	make_raw(&t, rtscts);
	if (baud)
		set_rate(&t, baud);
	if (ioctl(fd, TCSETS2, &t) < 0 || ioctl(fd, TCGETS2, &t) < 0)
		return open_failed(path, errno, why, size);
	if (baud && !rate_is_near(t.c_ospeed, baud)) {
		why[0] = '\0';
		str_add(why, size, "%s: the port does not do %u bit/s, the nearest is %u; set \"baud\"", path, baud,
			t.c_ospeed);
		return -EINVAL;
	}
	return 0;
}

int
tty_rate(int fd, unsigned baud)
{
	struct termios2 t, old;

	if (ioctl(fd, TCGETS2, &t) < 0)
		return -errno;
	old = t;
	set_rate(&t, baud);
	if (ioctl(fd, TCSETS2, &t) < 0 || ioctl(fd, TCGETS2, &t) < 0)
		return -errno;
	if (rate_is_near(t.c_ospeed, baud))
		return 0;
	ioctl(fd, TCSETS2, &old);
	return -EINVAL;
}

/* Modules answer, and stay online, only while DTR is held; ptys have no such lines. */
static void
hold_lines(int fd)
{
	int lines = TIOCM_DTR | TIOCM_RTS;

	ioctl(fd, TIOCMBIS, &lines);
}

int
tty_open(const char *path, unsigned baud, bool rtscts, char *why, size_t size)
{
	AUTO_FD int fd = -1;
	int r;

	r = check_kind(path);
	if (r < 0)
		return open_failed(path, -r, why, size);
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return open_failed(path, errno, why, size);
	if (!isatty(fd))
		return open_failed(path, ENOTTY, why, size);
	r = take_alone(fd);
	if (r < 0)
		return open_failed(path, -r, why, size);
	r = configure(fd, path, baud, rtscts, why, size);
	if (r < 0)
		return r;
	hold_lines(fd);
	return fd_take(&fd);
}

void
tty_close(int fd)
{
	ioctl(fd, TIOCNXCL);
	/* Without this close() waits, up to 30 s, for bytes that flow control holds back. */
	ioctl(fd, TCFLSH, TCOFLUSH);
	close(fd);
}

size_t
tty_outq(int fd)
{
	int n;

	return ioctl(fd, TIOCOUTQ, &n) == 0 && n > 0 ? (size_t)n : 0;
}

size_t
tty_flush(int fd)
{
	size_t before = tty_outq(fd), after;

	ioctl(fd, TCFLSH, TCOFLUSH);
	after = tty_outq(fd);
	return before > after ? before - after : 0;
}

bool
tty_dtr(int fd, bool on)
{
	int line = TIOCM_DTR;

	return ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &line) == 0;
}

int
tty_carrier(int fd)
{
	int lines;

	if (ioctl(fd, TIOCMGET, &lines) < 0)
		return -1;
	return lines & TIOCM_CD ? 1 : 0;
}
