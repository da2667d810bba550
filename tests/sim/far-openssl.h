/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-openssl.h - the real network: sockets of the host, TLS by OpenSSL
 *
 * One descriptor to poll for input; far_openssl_run() when it is ready.
 */
#ifndef SIM_FAR_OPENSSL_H
#define SIM_FAR_OPENSSL_H

#include "far.h"

struct far *far_openssl_new(void (*log)(void *arg, const char *line), void *arg);
void far_openssl_free(struct far *far);

int far_openssl_fd(const struct far *far);
void far_openssl_run(struct far *far);

/* "name=address", "name=address:port", "name=[v6]:port": asked before the host's resolver. */
bool far_openssl_resolve(struct far *far, const char *rule);

/* False where this build of OpenSSL does not have the suite at all. */
bool far_openssl_can(uint16_t suite);
const char *far_openssl_suite_name(uint16_t suite);

#endif
