/* SPDX-License-Identifier: Apache-2.0 */
#include "sim-world.h"

const struct module_opts ge = { .family = "telit-ge", .address = "212.195.45.65" };
const struct module_opts he = { .family = "telit-he", .address = "212.195.45.65" };

struct world *
world_new(const struct module_opts *opts)
{
	struct world *w = xcalloc(1, sizeof(*w));

	clock_init(&w->clock, 1000, 1);
	w->clock.wall_s = 1400000000;
	w->net = far_memory_new(&w->clock);
	w->m = module_new(&w->clock, opts, &w->net->far);
	assert_non_null(w->m);
	return w;
}

void
world_free(struct world *w)
{
	module_free(w->m);
	far_memory_free(w->net);
	fifo_deinit(&w->heard);
	free(w);
}

static void
listen_to(struct world *w)
{
	size_t len;
	const void *bytes;

	while ((bytes = module_output(w->m, &len)) && len) {
		fifo_put(&w->heard, bytes, len);
		module_output_drop(w->m, len);
	}
}

/* Lets ms pass; what is due happens when it is due. */
void
pass(struct world *w, uint64_t ms)
{
	uint64_t end = w->clock.now_ms + ms;

	for (;;) {
		uint64_t next = clock_deadline(&w->clock);

		if (next > end)
			break;
		clock_run(&w->clock, next);
		listen_to(w);
	}
	clock_run(&w->clock, end);
	listen_to(w);
}

void
say(struct world *w, const char *text)
{
	assert_int_equal(module_host_bytes(w->m, text, strlen(text)), strlen(text));
	listen_to(w);
}

/* What was heard is this, all of it. */
void
heard(struct world *w, const char *text)
{
	size_t len = strlen(text);

	listen_to(w);
	if (w->heard.len != len || (len && memcmp(fifo_bytes(&w->heard), text, len))) {
		fifo_put(&w->heard, "", 1);
		print_error("wanted:\n%s\nheard:\n%s\n", text, (const char *)fifo_bytes(&w->heard));
		fail();
	}
	fifo_clear(&w->heard);
}

void
not_heard(struct world *w, const char *text)
{
	listen_to(w);
	fifo_put(&w->heard, "", 1);
	assert_null(memmem(fifo_bytes(&w->heard), w->heard.len, text, strlen(text)));
	fifo_clear(&w->heard);
}

/* A command, the time that it may take, its answer. */
void
ask_in(struct world *w, const char *command, uint64_t ms, const char *answer)
{
	say(w, command);
	say(w, "\r");
	pass(w, ms);
	heard(w, answer);
	pass(w, 20);
}

void
ask(struct world *w, const char *command, const char *answer)
{
	ask_in(w, command, 0, answer);
}

/* 14.1 up to the dial. */
struct world *
world_up(const struct module_opts *opts)
{
	struct world *w = world_new(opts);

	ask(w, "ATE0", "ATE0\r" OK);
	ask(w, "AT+CMEE=2", OK);
	ask(w, "AT#SELINT=2", OK);
	ask(w, "AT&K3&C1&D0", OK);
	ask(w, "AT#SKIPESC=1", OK);
	ask(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	ask(w, "AT+CGREG?", "\r\n+CGREG: 0,1\r\n" OK);
	ask(w, "AT+CGDCONT=1,\"IP\",\"ibox.tim.it\"", OK);
	ask(w, "AT#SGACT=1,1", "\r\n#SGACT: 212.195.45.65\r\n" OK);
	ask(w, "AT#SSLEN=1,1", OK);
	ask(w, "AT#SSLSECCFG=1,0,0", OK);
	return w;
}

struct world *
world_online(const struct module_opts *opts)
{
	struct world *w = world_up(opts);

	ask(w, "AT#SSLCFG=1,1,1500,0,100,1", OK);
	ask(w, "AT#SSLD=1,443,\"123.124.125.126\",0,0", "\r\nCONNECT\r\n");
	return w;
}

struct world *
world_command(const struct module_opts *opts)
{
	struct world *w = world_up(opts);

	ask(w, "AT#SSLD=1,443,\"123.124.125.126\",0,1", OK);
	return w;
}

/* The peer has got this, and it is forgotten. */
void
arrived(struct world *w, const char *text)
{
	struct peer *p = far_memory_peer(w->net);

	assert_int_equal(p->received.len, strlen(text));
	if (*text)
		assert_memory_equal(fifo_bytes(&p->received), text, strlen(text));
	fifo_clear(&p->received);
}

void
escape(struct world *w)
{
	pass(w, 1000);
	say(w, "+++");
	pass(w, 1000);
	heard(w, OK);
	pass(w, 20);
}

void
fault(struct world *w, const char *spec)
{
	char err[128];

	if (!module_fault(w->m, spec, err, sizeof(err)))
		fail_msg("%s", err);
}
