/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module-line.c - the simulated line: its pace, its rate, and what it does to bytes
 */
#include "module.h"

#define OUT_QUEUE_PACED 2048 /* bytes ahead of the line that a stream may run */
#define OUT_QUEUE_FREE 65536

static uint64_t
now_ns(const struct module *m)
{
	return m->clock->now_ms * 1000000;
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

/* A byte has passed, either way; at some the power goes. */
static void
count_to_reset(struct module *m)
{
	if (!m->faults.reset_bytes || --m->reset_left)
		return;
	m->counters.faults++;
	m->dying = true;
	timer_in(m->clock, &m->dying_timer, 0);
}

void
module_next_reset(struct module *m)
{
	m->reset_left = 1 + sim_random(&m->random, 2 * m->faults.reset_bytes);
}

static void
die_run(void *arg)
{
	struct module *m = arg;

	module_next_reset(m);
	m->dying = false;
	module_event(m, SIM_RESET);
}

/* Hands bytes to the family, spoiled as the faults say.  Returns how many of `bytes` are done with. */
static size_t
in_deliver(struct module *m, const uint8_t *bytes, size_t len)
{
	size_t done = 0;

	if (m->muted || m->dying)
		return len;
	while (done < len && rates_differ(m) && in_garbled(m, bytes[done]))
		done++;
	if (rates_differ(m))
		return done;
	if (!m->faults.bytes_in)
		return done + m->ops->input(m->state, bytes + done, len - done);
	while (done < len) {
		uint8_t b = bytes[done];

		if (m->dying)
			return len;
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
		count_to_reset(m);
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

	if (m->muted || m->dying || !len)
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
		count_to_reset(m);
	}
}

bool
module_out_clean(const struct module *m)
{
	return !m->faults.bytes_out && !m->muted && !m->dying && !rates_differ(m);
}

void
module_put(struct module *m, const void *bytes, size_t len)
{
	if (!len || m->muted || m->dying)
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

void
module_lose_power(struct module *m)
{
	if (m->byte_ns)
		m->out.len = m->released;
	timer_stop(m->clock, &m->out_timer);
}

void
module_line_init(struct module *m)
{
	if (m->opts.line_rate)
		m->byte_ns = 10000000000ULL / m->opts.line_rate;
	if (!m->opts.line_queue)
		m->opts.line_queue = m->byte_ns ? 4096 : 65536;
	timer_init(&m->in_timer, in_run, m);
	timer_init(&m->out_timer, out_run, m);
	timer_init(&m->dying_timer, die_run, m);
}

void
module_line_deinit(struct module *m)
{
	timer_stop(m->clock, &m->in_timer);
	timer_stop(m->clock, &m->out_timer);
	timer_stop(m->clock, &m->dying_timer);
	fifo_deinit(&m->in);
	fifo_deinit(&m->out);
}
