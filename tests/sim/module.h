/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module.h - a simulated module between a line and the network, without I/O
 *
 * Bytes and the time come in, bytes go out: celltls-sim puts it on a pty, the
 * virtual-clock tests put it in one process with the daemon's core.  A byte
 * reaches the module, or the host, when the line's rate has brought it there;
 * module_host_bytes() is the moment at which the host hands it to its UART.
 *
 * A loop around it: run the clock; give the far side its turn; hand over what
 * module_output() shows and say module_output_drop(); give it host bytes, at
 * most module_host_room().
 */
#ifndef SIM_MODULE_H
#define SIM_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "far.h"
#include "fault.h"
#include "fifo.h"
#include "flash.h"

/* What a firmware may lack or have; module_opts.lacks and .has. */
enum {
	SIM_SENDEXT = 1 << 0, /* counted sends; there by default */
	SIM_SSLRING = 1 << 1, /* the optional part of #SSLCFG, and SSLSRING; there by default */
	SIM_SSLI = 1 << 2,    /* #SSLI; not there by default */
	SIM_LONG_RECORDS = 1 << 3, /* TLS records above 15800 bytes, on the 2G line */
	SIM_REBOOT = 1 << 4,  /* #REBOOT; there by default */
	SIM_ENHRST = 1 << 5,  /* #ENHRST; there by default */
	/* cinterion: where its notes assume another thing; none by default */
	SIM_LITTLE_ENDIAN = 1 << 6,	/* the numbers of a secure command */
	SIM_SILENT_STORE = 1 << 7,	/* no OK behind its result */
	SIM_LISTS_APART = 1 << 8,	/* an empty line between those of ^SBNR */
	SIM_BREAKS_NO_CARRIER = 1 << 9, /* an end of line before NO CARRIER */
};

#define SIM_AUTOBAUD 1 /* no rate until "AT" tells one */

struct module_opts {
	const char *family; /* telit-ge, telit-he, cinterion */
	const char *model, *firmware; /* NULL: the family's usual ones */
	unsigned line_rate;	/* bit/s, 10 bits to a byte; 0: no pace */
	unsigned latency_ms;	/* before each answer */
	uint32_t seed;		/* of faults; 0 is 1 */
	unsigned module_rate;	/* bit/s of the module's UART until a saved profile says another; SIM_AUTOBAUD; 0: it understands any */
	size_t line_queue;	/* bytes that the host's UART holds; 0: 4096, unpaced 65536 */
	size_t buffer;		/* per socket and direction; 0: 16384 */
	unsigned boot_ms;	/* how long a reset takes; 0: 1000 */
	unsigned register_ms;	/* from the SIM's readiness to registration */
	unsigned attach_ms;	/* AT+CGATT=1 */
	unsigned activate_ms;	/* PDP context activation */
	const char *sim_pin;	/* NULL: the SIM asks for none */
	const char *sim_puk;	/* NULL: 12345678 */
	bool no_sim;
	const char *apn;	/* the only one that the network takes; NULL: any */
	const char *pdp_user, *pdp_password; /* NULL: any */
	const char *address;	/* NULL: 10.64.13.7 */
	bool clock_unset;	/* the RTC starts in 2004, not with the host's time */
	int64_t network_time;	/* what the network takes for the time as the module starts, seconds since 1970; 0: the host's; */
				/* -1, or without a host's time: it tells none */
	int time_zone;		/* of the network, quarters of an hour */
	unsigned lacks, has;
	unsigned tls_sockets;	/* cinterion: TLS services at once; 0: 2 */
	bool no_spaces;		/* cinterion: no blank behind a comma anywhere */
	const struct faults *faults; /* copied; NULL: none */
	struct flash *flash;	/* not owned, outlives the module; NULL: one of its own */
	void (*log)(void *arg, const char *line); /* NULL: silent */
	void *arg;
};

/* Each is a line of the control socket's "counters". */
#define SIM_COUNTERS(X) \
	X(bytes_in) X(bytes_out) X(payload_in) X(payload_out) X(commands) X(errors) X(flash_writes) X(slot_writes) \
	X(key_reads) X(dials) X(dial_failures) X(handshakes) X(resumptions) X(escapes) X(resets) X(urcs) \
	X(line_busy_in_ms) X(line_busy_out_ms) X(violations) X(early_commands) X(busy_bytes) X(faults) \
	X(reboots) X(hard_resets) X(attaches) X(detaches) X(network_times)

struct module_counters {
#define X(name) uint64_t name;
	SIM_COUNTERS(X)
#undef X
};

enum sim_event {
	SIM_RESET,	 /* power lost and back */
	SIM_POWER,	 /* back on after a power-off command */
	SIM_DROP_CONTEXT,
	SIM_REMOVE_CARD,
	SIM_INSERT_CARD, /* the same one again */
	SIM_DEREGISTER,
	SIM_REGISTER,
	SIM_ROAM,
	SIM_DENY,
	SIM_PEER_CLOSE,	 /* as if the remote closed each open connection */
	SIM_PEER_ABORT,
	SIM_DTR_DROP,
	SIM_DTR_RAISE,
};

struct module;

struct module *module_new(struct clock *clock, const struct module_opts *opts, struct far *far); /* NULL: no such family */
void module_free(struct module *m);

/* From the host.  What it could not take is to be offered again later. */
size_t module_host_room(const struct module *m);
size_t module_host_bytes(struct module *m, const void *bytes, size_t len);
size_t module_host_pending(const struct module *m); /* handed over, not yet on the module's side */
size_t module_host_flush(struct module *m);	    /* throws those away: tcflush() */
uint64_t module_host_drained_ms(const struct module *m);

/*
 * The rate of the host's UART from now on, bit/s; 0, as it starts: it has none,
 * as over USB, and all is understood.  Else bytes arrive garbled, both ways,
 * while the module's rate is another.
 */
void module_host_rate(struct module *m, unsigned bps);

/* To the host. */
const void *module_output(struct module *m, size_t *ret_len);
void module_output_drop(struct module *m, size_t len);
bool module_carrier(const struct module *m); /* DCD */

/* What happens to a module. */
void module_event(struct module *m, enum sim_event event);
void module_swap_card(struct module *m, const char *pin); /* another one, NULL: that asks for no PIN */
void module_network_time(struct module *m, int64_t seconds); /* the network tells this time now; 0: its own */
void module_urc(struct module *m, const char *text);
void module_garbage(struct module *m, size_t len);
void module_mute(struct module *m, bool on); /* it neither hears nor speaks */
bool module_fault(struct module *m, const char *spec, char *err, size_t size);

const struct module_counters *module_counters(struct module *m);
/* "name value" lines and an empty line. */
void module_counters_text(struct module *m, char *dst, size_t size);
const char *module_identity(const struct module *m); /* "Telit GE910-QUAD 13.00.003" */
const uint16_t *module_suites(const struct module *m, size_t *ret_n); /* all that the family knows */

/* Inside: what a family is, and what it uses. */

struct family_ops {
	const char *const *names;
	void *(*create)(struct module *m, const char *family); /* NULL: no such model */
	void (*destroy)(void *state);
	size_t (*input)(void *state, const uint8_t *bytes, size_t len); /* returns what it took */
	bool (*train)(void *state); /* may "AT" tell the rate now?  What came of a line before is then forgotten */
	void (*output_room)(void *state);
	void (*event)(void *state, enum sim_event event);
	void (*urc)(void *state, const char *text);
	void (*swap_card)(void *state, const char *pin);
	void (*network_time)(void *state, int64_t seconds); /* NULL: it does not listen to that */
	void (*clock_jump)(void *state, int seconds);
	void (*faults)(void *state); /* they have changed */
	bool (*carrier)(void *state);
	const char *(*identity)(void *state);
	const uint16_t *(*suites)(void *state, size_t *ret_n);
};

extern const struct family_ops telit_family, cinterion_family;

struct module {
	const struct family_ops *ops;
	void *state;
	struct clock *clock;
	struct far *far;
	struct module_opts opts;
	struct faults faults;
	struct flash *flash, *own_flash;
	struct module_counters counters;
	uint32_t random;
	uint64_t born_ms;
	bool muted, in_input;

	unsigned host_rate, rate; /* bit/s, 0: none; the module's is that of AT+IPR, or what it was trained to */
	bool autobaud;
	uint8_t train_first;	  /* the A of an AT, while the rate is not known */

	struct fifo in, out;
	size_t released; /* bytes of out whose time has come */
	bool in_held;	 /* the family had no room */
	uint64_t byte_ns, in_next_ns, out_next_ns, in_busy_ns, out_busy_ns;
	struct timer in_timer, out_timer, chaos_timer, chaos_end_timer, babble_timer, deaf_timer, dying_timer;
	unsigned reset_left; /* bytes to the next reset, with reset-bytes */
	bool dying;	     /* it came to that: nothing more in or out until the clock's next turn */
	enum sim_event chaos_end;
};

void module_line_init(struct module *m);
void module_line_deinit(struct module *m);
uint64_t module_next_in(struct module *m, unsigned seconds); /* ms to the next of what comes that far apart on average */
void module_next_reset(struct module *m); /* with reset-bytes: after how many */
void module_put(struct module *m, const void *bytes, size_t len); /* to the host; always taken */
void module_puts(struct module *m, const char *text);
bool module_out_clean(const struct module *m); /* what is reserved and committed arrives as it is */
void module_lose_power(struct module *m); /* what was put and has not left never will */
void module_deafen(struct module *m, unsigned ms); /* neither hears nor speaks for so long */
void module_set_rate(struct module *m, unsigned bps); /* of the module's UART; 0: it stays until the next "AT" tells another */
size_t module_out_room(const struct module *m); /* how much more a stream should put now */
uint8_t *module_out_reserve(struct module *m, size_t len);
void module_out_commit(struct module *m, size_t len);
uint64_t module_out_done_ms(const struct module *m); /* when all that was put is on the host's side */
void module_input_resume(struct module *m); /* the family has room again */
void module_log(struct module *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
