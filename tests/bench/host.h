/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.h - what a host of one dialect is made of
 */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include "bench.h"

struct host_words {
	uint64_t gap_ns;  /* after each final result */
	size_t send_most; /* what one command may carry */
	const char *const *setup;
	void (*dial)(struct host *, bool online); /* the same commands as the daemon's */
	void (*close)(struct host *, bool online);
	size_t (*send)(struct host *, const void *bytes, size_t len); /* at most send_most; returns how many were taken */
	size_t (*receive)(struct host *);			      /* waits where there is nothing */
};
extern const struct host_words host_telit, host_cinterion;

struct host {
	const struct host_words *words;
	int fd;
	bool more; /* for words->receive */
	uint64_t final_ns;
	size_t len;
	char in[65536];
};

void host_put(struct host *h, const void *bytes, size_t len);
void host_get(struct host *h);			       /* waits for more */
void host_drop(struct host *h, size_t n);	       /* the first n that came */
void host_expect(struct host *h, const char *text);    /* drops all up to and with this text */
size_t host_number(struct host *h);		       /* what comes first; drops its line */
void host_take(struct host *h, size_t n);	       /* drops so many bytes of payload, and OK behind them */
void host_command(struct host *h, const char *text);   /* not before the gap is over */
void host_final(struct host *h, const char *text);     /* as host_expect(); the gap begins */
void host_ask(struct host *h, const char *text);       /* a command and OK */

#endif
