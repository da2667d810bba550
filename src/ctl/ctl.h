/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl.h - celltlsctl: its commands, and what each is handed
 *
 * A command says what went wrong on standard error, once, and returns the exit status.
 */
#ifndef CELLTLS_CTL_CTL_H
#define CELLTLS_CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/text.h"

enum ctl_exit {
	CTL_FINE = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NO_DAEMON = 3,
	CTL_NOT_ALLOWED = 4,
	CTL_NO_SUCH = 5,
	CTL_NOT_NOW = 6,
	CTL_TIMEOUT = 7,
	CTL_RESET = 8,
};

struct ctl {
	bool session_bus;
	const char *address; /* NULL: not by address */
	bool json;
	uint32_t timeout_ms; /* of "command"; 0: the daemon's own */
	struct screen screen;
	struct sd_bus *bus; /* NULL before remote_open() */
};

/* args: as many as the table of commands says. */
int ctl_status(struct ctl *, char **args);
int ctl_modem(struct ctl *, char **args);
int ctl_channel(struct ctl *, char **args);
int ctl_monitor(struct ctl *, char **args);
int ctl_connect(struct ctl *, char **args);
int ctl_close(struct ctl *, char **args);
int ctl_reset(struct ctl *, char **args);
int ctl_release(struct ctl *, char **args);
int ctl_acquire(struct ctl *, char **args);
int ctl_command(struct ctl *, char **args);
int ctl_reload(struct ctl *, char **args);
int ctl_metrics(struct ctl *, char **args);

#endif
