/* SPDX-License-Identifier: Apache-2.0 */
#include "module.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

#define OUT_QUEUE_PACED 2048 /* bytes ahead of the line that a stream may run */
#define OUT_QUEUE_FREE 65536

static const struct family_ops *const families[] = { &telit_family };

static uint64_t
now_ns(const struct module *m)
{
	return m->clock->now_ms * 1000000;
}

void
module_log(struct module *m, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!m->opts.log)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->opts.log(m->opts.arg, text);
}

/* Rates.  A UART bears a difference of some per cent. */

static bool
rates_differ(const struct module *m)
{
	unsigned more = m->rate > m->host_rate ? m->rate - m->host_rate : m->host_rate - m->rate;

	return m->opts.module_rate && m->host_rate && (uint64_t)more * 40 > m->host_rate;
}

/* A byte at the wrong rate: 0 or 1 byte arrives, and never the one that was sent. */
static size_t
garble(struct module *m, uint8_t *b)
{
	*b ^= (uint8_t)(1 + sim_random(&m->random, 255));
	return sim_random(&m->random, 4) > 0;
}

void
module_set_rate(struct module *m, unsigned bps)
{
	m->autobaud = !bps;
	m->train_first = 0;
	if (bps)
		m->rate = bps;
}

void
module_host_rate(struct module *m, unsigned bps)
{
	if (bps == m->host_rate)
		return;
	m->host_rate = bps;
	module_log(m, "* the host's rate is %u", bps);
	if (m->byte_ns && rates_differ(m)) /* what is still on its way meets it */
		for (size_t i = m->released; i < m->out.len; i++)
			garble(m, &m->out.data[m->out.head + i]);
}

/* "AT" or "at" tells an autobauding module the rate; it hears nothing else. */
static size_t
train(struct module *m, uint8_t b)
{
	uint8_t word[2] = { m->train_first, b };

	m->train_first = b == 'A' || b == 'a' ? b : 0;
	if (!word[0] || (word[0] == 'A' ? b != 'T' : b != 't'))
		return 1;
	m->train_first = 0;
	m->rate = m->host_rate;
	module_log(m, "* trained to %u", m->rate);
	m->ops->input(m->state, word, sizeof(word));
	return 1;
}

static size_t
in_garbled(struct module *m, uint8_t b)
{
	if (m->autobaud && m->ops->train(m->state))
		return train(m, b);
	return garble(m, &b) ? m->ops->input(m->state, &b, 1) : 1;
}

/* The line, from the host. */

static void
in_arm(struct module *m)
{
	if (m->in.len && m->byte_ns && !m->in_held)
		timer_at(m->clock, &m->in_timer, (m->in_next_ns + 999999) / 1000000);
	else
		timer_stop(m->clock, &m->in_timer);
}

/* Hands bytes to the family, spoiled as the faults say.  Returns how many of `bytes` are done with. */
static size_t
in_deliver(struct module *m, const uint8_t *bytes, size_t len)
{
	size_t done = 0;

	if (m->muted)
		return len;
	while (done < len && rates_differ(m) && in_garbled(m, bytes[done]))
		done++;
	if (rates_differ(m))
		return done;
	if (!m->faults.bytes_in)
		return done + m->ops->input(m->state, bytes + done, len - done);
	while (done < len) {
		uint8_t b = bytes[done];

		if (sim_chance(&m->random, m->faults.lose_in)) {
			m->counters.faults++;
			done++;
			continue;
		}
		if (sim_chance(&m->random, m->faults.alter_in)) {
			m->counters.faults++;
			b ^= (uint8_t)(1u << sim_random(&m->random, 8));
		}
		if (!m->ops->input(m->state, &b, 1))
			break;
		if (sim_chance(&m->random, m->faults.double_in)) {
			m->counters.faults++;
			m->ops->input(m->state, &b, 1);
		}
		done++;
	}
	return done;
}

static size_t
in_take(struct module *m, const uint8_t *bytes, size_t len)
{
	size_t n;

	m->in_input = true;
	n = in_deliver(m, bytes, len);
	m->in_input = false;
	m->counters.bytes_in += n;
	m->in_busy_ns += n * m->byte_ns;
	m->in_held = n < len;
	return n;
}

static void
in_run(void *arg)
{
	struct module *m = arg;
	uint64_t now = now_ns(m);
	size_t n = m->in.len, took;

	if (!n || m->in_held)
		return;
	if (m->byte_ns) {
		if (now < m->in_next_ns)
			n = 0;
		else if (n > (now - m->in_next_ns) / m->byte_ns + 1)
			n = (size_t)((now - m->in_next_ns) / m->byte_ns + 1);
	}
	if (n) {
		took = in_take(m, fifo_bytes(&m->in), n);
		fifo_drop(&m->in, took);
		m->in_next_ns += took * m->byte_ns;
	}
	in_arm(m);
}

size_t
module_host_room(const struct module *m)
{
	return m->in.len < m->opts.line_queue ? m->opts.line_queue - m->in.len : 0;
}

size_t
module_host_bytes(struct module *m, const void *bytes, size_t len)
{
	size_t done = 0, room = module_host_room(m);

	if (len > room)
		len = room;
	if (!len)
		return 0;
	if (!m->byte_ns && !m->in.len && !m->in_held)
		done = in_take(m, bytes, len);
	else if (m->byte_ns && !m->in.len && m->in_next_ns < now_ns(m) + m->byte_ns)
		m->in_next_ns = now_ns(m) + m->byte_ns;
	fifo_put(&m->in, (const uint8_t *)bytes + done, len - done);
	if (m->byte_ns)
		in_arm(m);
	return len;
}

size_t
module_host_pending(const struct module *m)
{
	return m->in.len;
}

size_t
module_host_flush(struct module *m)
{
	size_t n = m->in.len;

	fifo_clear(&m->in);
	in_arm(m);
	return n;
}

uint64_t
module_host_drained_ms(const struct module *m)
{
	if (!m->in.len)
		return m->clock->now_ms;
	return (m->in_next_ns + (m->in.len - 1) * m->byte_ns + 999999) / 1000000;
}

void
module_input_resume(struct module *m)
{
	if (!m->in_held || m->in_input)
		return;
	m->in_held = false;
	if (m->byte_ns && m->in_next_ns < now_ns(m))
		m->in_next_ns = now_ns(m);
	/* on the clock's next turn, for the caller may be deep inside the family */
	if (m->in.len)
		timer_at(m->clock, &m->in_timer, m->byte_ns ? (m->in_next_ns + 999999) / 1000000 : m->clock->now_ms);
}

/* The line, to the host. */

static void
out_arm(struct module *m)
{
	if (m->byte_ns && m->released < m->out.len)
		timer_at(m->clock, &m->out_timer, (m->out_next_ns + 999999) / 1000000);
}

static void
out_run(void *arg)
{
	struct module *m = arg;
	uint64_t now = now_ns(m), n;

	if (now >= m->out_next_ns) {
		n = (now - m->out_next_ns) / m->byte_ns + 1;
		if (n > m->out.len - m->released)
			n = m->out.len - m->released;
		m->released += n;
		m->out_next_ns += n * m->byte_ns;
		m->out_busy_ns += n * m->byte_ns;
	}
	out_arm(m);
}

uint8_t *
module_out_reserve(struct module *m, size_t len)
{
	return fifo_reserve(&m->out, len);
}

void
module_out_commit(struct module *m, size_t len)
{
	bool idle = m->released == m->out.len;

	if (m->muted || !len)
		return;
	fifo_commit(&m->out, len);
	if (m->byte_ns && idle) {
		if (m->out_next_ns < now_ns(m) + m->byte_ns)
			m->out_next_ns = now_ns(m) + m->byte_ns;
		out_arm(m);
	}
}

static void
put_spoiled(struct module *m, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t b = bytes[i];
		bool lost = sim_chance(&m->random, m->faults.lose_out) || (rates_differ(m) && !garble(m, &b));
		bool altered = sim_chance(&m->random, m->faults.alter_out);
		bool doubled = sim_chance(&m->random, m->faults.double_out);

		m->counters.faults += lost + altered + doubled;
		if (lost)
			continue;
		if (altered)
			b ^= (uint8_t)(1u << sim_random(&m->random, 8));
		for (int left = doubled ? 2 : 1; left > 0; left--) {
			*module_out_reserve(m, 1) = b;
			module_out_commit(m, 1);
		}
	}
}

bool
module_out_clean(const struct module *m)
{
	return !m->faults.bytes_out && !m->muted && !rates_differ(m);
}

void
module_put(struct module *m, const void *bytes, size_t len)
{
	if (!len || m->muted)
		return;
	if (!module_out_clean(m)) {
		put_spoiled(m, bytes, len);
		return;
	}
	memcpy(module_out_reserve(m, len), bytes, len);
	module_out_commit(m, len);
}

void
module_puts(struct module *m, const char *text)
{
	module_put(m, text, strlen(text));
}

size_t
module_out_room(const struct module *m)
{
	size_t most = m->byte_ns ? OUT_QUEUE_PACED : OUT_QUEUE_FREE;

	return m->out.len < most ? most - m->out.len : 0;
}

uint64_t
module_out_done_ms(const struct module *m)
{
	if (!m->byte_ns || m->released == m->out.len)
		return m->clock->now_ms;
	return (m->out_next_ns + (m->out.len - m->released - 1) * m->byte_ns + 999999) / 1000000;
}

const void *
module_output(struct module *m, size_t *ret_len)
{
	*ret_len = m->byte_ns ? m->released : m->out.len;
	return fifo_bytes(&m->out);
}

void
module_output_drop(struct module *m, size_t len)
{
	fifo_drop(&m->out, len);
	m->counters.bytes_out += len;
	if (m->byte_ns)
		m->released -= len;
	if (module_out_room(m))
		m->ops->output_room(m->state);
}

/* Accidents. */

void
module_event(struct module *m, enum sim_event event)
{
	m->ops->event(m->state, event);
}

void
module_urc(struct module *m, const char *text)
{
	m->ops->urc(m->state, text);
}

void
module_garbage(struct module *m, size_t len)
{
	while (len--) {
		uint8_t b = (uint8_t)sim_random(&m->random, 256);

		module_put(m, &b, 1);
	}
}

void
module_mute(struct module *m, bool on)
{
	m->muted = on;
	if (!on)
		module_input_resume(m);
}

bool
module_fault(struct module *m, const char *spec, char *err, size_t size)
{
	if (!faults_parse(&m->faults, spec, err, size))
		return false;
	if (m->faults.chaos_s)
		timer_in(m->clock, &m->chaos_timer, 1 + sim_random(&m->random, 2000 * m->faults.chaos_s));
	else
		timer_stop(m->clock, &m->chaos_timer);
	return true;
}

static void
chaos_end(void *arg)
{
	struct module *m = arg;

	if (m->muted)
		module_mute(m, false);
	else
		module_event(m, m->chaos_end);
}

/* An accident now, the next one after chaos_s on average. */
static void
chaos_run(void *arg)
{
	static const struct {
		enum sim_event event;
		int end; /* what mends it after a while, -1: itself */
	} accidents[] = {
		{ SIM_RESET, -1 },	    { SIM_DROP_CONTEXT, -1 },	      { SIM_PEER_CLOSE, -1 },
		{ SIM_PEER_ABORT, -1 },	    { SIM_DEREGISTER, SIM_REGISTER }, { SIM_REMOVE_CARD, SIM_INSERT_CARD },
		{ SIM_DENY, SIM_REGISTER },
	};
	const size_t n = sizeof(accidents) / sizeof(accidents[0]);
	struct module *m = arg;
	uint32_t pick = sim_random(&m->random, n + 3);

	timer_in(m->clock, &m->chaos_timer, 1 + sim_random(&m->random, 2000 * m->faults.chaos_s));
	m->counters.faults++;
	if (m->chaos_end_timer.state != TIMER_OFF)
		pick = n + 2; /* one lasting accident at a time */
	if (pick < n) {
		if (accidents[pick].end >= 0) {
			m->chaos_end = (enum sim_event)accidents[pick].end;
			timer_in(m->clock, &m->chaos_end_timer, 1000 + sim_random(&m->random, 60000));
		}
		module_event(m, accidents[pick].event);
	} else if (pick == n) {
		module_garbage(m, 1 + sim_random(&m->random, 40));
	} else if (pick == n + 1) {
		module_mute(m, true);
		timer_in(m->clock, &m->chaos_end_timer, 1000 + sim_random(&m->random, 60000));
	} else {
		module_urc(m, "+CREG: 1");
	}
}

/* Life. */

static const struct family_ops *
family_find(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		for (const char *const *n = families[i]->names; *n; n++)
			if (!strcmp(*n, name))
				return families[i];
	return NULL;
}

struct module *
module_new(struct clock *clock, const struct module_opts *opts, struct far *far)
{
	const struct family_ops *ops = family_find(opts->family);
	struct module *m;

	if (!ops)
		return NULL;
	m = xcalloc(1, sizeof(*m));
	*m = (struct module){ .ops = ops, .clock = clock, .far = far, .opts = *opts, .random = opts->seed ? opts->seed : 1 };
	if (opts->line_rate)
		m->byte_ns = 10000000000ULL / opts->line_rate;
	if (!m->opts.line_queue)
		m->opts.line_queue = m->byte_ns ? 4096 : 65536;
	if (!m->opts.buffer)
		m->opts.buffer = 16384;
	if (!m->opts.boot_ms)
		m->opts.boot_ms = 1000;
	if (!m->opts.sim_puk)
		m->opts.sim_puk = "12345678";
	if (!m->opts.address)
		m->opts.address = "10.64.13.7";
	m->faults = (struct faults){ .late_ms = 1000, .dial = DIAL_HANDSHAKE };
	timer_init(&m->in_timer, in_run, m);
	timer_init(&m->out_timer, out_run, m);
	timer_init(&m->chaos_timer, chaos_run, m);
	timer_init(&m->chaos_end_timer, chaos_end, m);
	if (!opts->flash)
		m->own_flash = flash_new();
	m->flash = opts->flash ? opts->flash : m->own_flash;
	if (opts->faults) {
		m->faults = *opts->faults;
		if (m->faults.chaos_s)
			timer_in(clock, &m->chaos_timer, 1 + sim_random(&m->random, 2000 * m->faults.chaos_s));
	}
	m->state = ops->create(m, opts->family);
	if (!m->state) {
		module_free(m);
		return NULL;
	}
	return m;
}

void
module_free(struct module *m)
{
	if (!m)
		return;
	if (m->state)
		m->ops->destroy(m->state);
	timer_stop(m->clock, &m->in_timer);
	timer_stop(m->clock, &m->out_timer);
	timer_stop(m->clock, &m->chaos_timer);
	timer_stop(m->clock, &m->chaos_end_timer);
	fifo_deinit(&m->in);
	fifo_deinit(&m->out);
	flash_free(m->own_flash);
	free(m);
}

bool
module_carrier(const struct module *m)
{
	return m->ops->carrier(m->state);
}

const char *
module_identity(const struct module *m)
{
	return m->ops->identity(m->state);
}

const uint16_t *
module_suites(const struct module *m, size_t *ret_n)
{
	return m->ops->suites(m->state, ret_n);
}

const struct module_counters *
module_counters(struct module *m)
{
	m->counters.flash_writes = m->flash->writes;
	m->counters.line_busy_in_ms = m->in_busy_ns / 1000000;
	m->counters.line_busy_out_ms = m->out_busy_ns / 1000000;
	return &m->counters;
}

void
module_counters_text(struct module *m, char *dst, size_t size)
{
	module_counters(m);
	*dst = '\0';
#define X(name) str_add(dst, size, #name " %llu\n", (unsigned long long)m->counters.name);
	SIM_COUNTERS(X)
#undef X
	str_add(dst, size, "\n");
}
