/* SPDX-License-Identifier: Apache-2.0 */
#include "module.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "base/xalloc.h"

static const struct family_ops *const families[] = { &telit_family, &cinterion_family };

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

/* Accidents. */

void
module_event(struct module *m, enum sim_event event)
{
	m->ops->event(m->state, event);
}

void
module_swap_card(struct module *m, const char *pin)
{
	m->ops->swap_card(m->state, pin);
}

void
module_network_time(struct module *m, int64_t seconds)
{
	if (m->ops->network_time)
		m->ops->network_time(m->state, seconds);
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

uint64_t
module_next_in(struct module *m, unsigned seconds)
{
	return 1 + sim_random(&m->random, seconds < UINT32_MAX / 2000 ? 2000 * seconds : UINT32_MAX);
}

/* From now on, or never. */
static void
every(struct module *m, struct timer *timer, unsigned seconds)
{
	if (seconds)
		timer_in(m->clock, timer, module_next_in(m, seconds));
	else
		timer_stop(m->clock, timer);
}

/* What the faults have begins. */
static void
faults_begin(struct module *m)
{
	every(m, &m->chaos_timer, m->faults.chaos_s);
	every(m, &m->babble_timer, m->faults.babble_s);
	if (m->faults.reset_bytes)
		module_next_reset(m);
	if (m->faults.clock_jump_s)
		m->ops->clock_jump(m->state, m->faults.clock_jump_s);
	m->faults.clock_jump_s = 0;
	if (m->ops->faults)
		m->ops->faults(m->state);
}

bool
module_fault(struct module *m, const char *spec, char *err, size_t size)
{
	if (!faults_parse(&m->faults, spec, err, size))
		return false;
	faults_begin(m);
	return true;
}

static void
deaf_end(void *arg)
{
	module_mute(arg, false);
}

void
module_deafen(struct module *m, unsigned ms)
{
	module_mute(m, true);
	timer_in(m->clock, &m->deaf_timer, ms);
}

static void
babble(void *arg)
{
	struct module *m = arg;

	timer_in(m->clock, &m->babble_timer, module_next_in(m, m->faults.babble_s));
	m->counters.faults++;
	module_garbage(m, 1 + sim_random(&m->random, 40));
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

	timer_in(m->clock, &m->chaos_timer, module_next_in(m, m->faults.chaos_s));
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
	*m = (struct module){ .ops = ops, .clock = clock, .far = far, 
			       .opts = *opts, .born_ms = clock->now_ms, .random = opts->seed ? opts->seed : 1 };
	if (!m->opts.buffer)
		m->opts.buffer = 16384;
	if (!m->opts.boot_ms)
		m->opts.boot_ms = 1000;
	if (!m->opts.sim_puk)
		m->opts.sim_puk = "12345678";
	if (!m->opts.tls_sockets)
		m->opts.tls_sockets = 2;
	if (!m->opts.address)
		m->opts.address = "10.64.13.7";
	m->faults = opts->faults ? *opts->faults : (struct faults)FAULTS_NONE;
	module_line_init(m);
	timer_init(&m->chaos_timer, chaos_run, m);
	timer_init(&m->chaos_end_timer, chaos_end, m);
	timer_init(&m->babble_timer, babble, m);
	timer_init(&m->deaf_timer, deaf_end, m);
	if (!opts->flash)
		m->own_flash = flash_new();
	m->flash = opts->flash ? opts->flash : m->own_flash;
	if (m->faults.reset_bytes) /* the first boot may have noise to say */
		module_next_reset(m);
	m->state = ops->create(m, opts->family);
	if (!m->state) {
		module_free(m);
		return NULL;
	}
	faults_begin(m);
	return m;
}

void
module_free(struct module *m)
{
	if (!m)
		return;
	if (m->state)
		m->ops->destroy(m->state);
	module_line_deinit(m);
	timer_stop(m->clock, &m->chaos_timer);
	timer_stop(m->clock, &m->chaos_end_timer);
	timer_stop(m->clock, &m->babble_timer);
	timer_stop(m->clock, &m->deaf_timer);
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
