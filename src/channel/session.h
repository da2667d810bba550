/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - one client joined to one secure socket; for channel.c and the owner of the app
 */
#ifndef CELLTLS_CHANNEL_SESSION_H
#define CELLTLS_CHANNEL_SESSION_H

#include "channel/channel.h"

/* From the owner of the app (app.h). */
void session_readable(struct session *);
void session_writable(struct session *);

#endif
