/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cert/cert.h"
#include "cert/record.h"

#define FILE_MAX 8192 /* more than all that is ever written */
#define PINS_MAX 8    /* SIMs per modem; the oldest is forgotten */

struct pin_record {
	char iccid[24];
	uint8_t salt[16], hash[32];
};

struct store {
	char *modem, *slots_path, *pin_path;
	char module[24];
	struct store_slot slots[STORE_SLOTS_MAX];
	size_t n_slots;
	struct pin_record pins[PINS_MAX]; /* the oldest first */
	size_t n_pins;
};

/* --- text --- */

static void
add_hex(char *dst, size_t size, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		str_add(dst, size, "%02x", bytes[i]);
}

static bool
read_hex(const char *text, uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	if (strlen(text) != 2 * len)
		return false;
	for (i = 0; i < 2 * len; i++) {
		const char *d = strchr(digits, text[i]);

		if (!d)
			return false;
		bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | (d - digits));
	}
	return true;
}

/* A word that can stand in a line of a record. */
static bool
is_word(const char *s, size_t size)
{
	size_t len = strlen(s);

	return len && len < size &&
	       strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.:-") == len;
}

static bool
read_slot(const char *line, struct store_slot *slot)
{
	char hash[65], rest;

	*slot = (struct store_slot){ 0 };
	return sscanf(line, "slot %15s %64s %" SCNu32 " %" SCNd64 " %c", slot->slot, hash, &slot->size,
		      &slot->written_s, &rest) == 4 &&
	       is_word(slot->slot, sizeof(slot->slot)) && read_hex(hash, slot->sha256, sizeof(slot->sha256));
}

static bool
read_pin(const char *line, struct pin_record *pin)
{
	char salt[33], hash[65], rest;

	*pin = (struct pin_record){ 0 };
	return sscanf(line, "pin %23s %32s %64s %c", pin->iccid, salt, hash, &rest) == 3 &&
	       read_hex(salt, pin->salt, sizeof(pin->salt)) && read_hex(hash, pin->hash, sizeof(pin->hash));
}

/* --- loading --- */

static void
damaged(struct store *s, const char *path, unsigned line)
{
	log_warning("modem", s->modem, "%s: line %u is damaged and counts as not known", path, line);
}

static bool
take_module_line(struct store *s, const char *line)
{
	char imei[24], rest;

	return sscanf(line, "module %23s %c", imei, &rest) == 1 && is_word(imei, sizeof(imei)) &&
	       str_copy(s->module, sizeof(s->module), imei);
}

static bool
take_slots_line(struct store *s, const char *line)
{
	if (str_starts(line, "module "))
		return take_module_line(s, line);
	if (s->n_slots == STORE_SLOTS_MAX || !read_slot(line, &s->slots[s->n_slots]))
		return false;
	s->n_slots += !store_slot(s, s->slots[s->n_slots].slot); /* of two with one name the first */
	return true;
}

static bool
take_pin_line(struct store *s, const char *line)
{
	if (s->n_pins == PINS_MAX || !read_pin(line, &s->pins[s->n_pins]))
		return false;
	s->n_pins++;
	return true;
}

static void
load(struct store *s, const char *path, bool (*take_line)(struct store *, const char *))
{
	char text[FILE_MAX], *line, *next = text;
	int r = record_read(path, text, sizeof(text));
	unsigned n = 0;

	if (r < 0) {
		if (r != -ENOENT)
			log_warning("modem", s->modem, "%s: cannot be read and counts as not known: %s", path,
				    strerror(-r));
		return;
	}
	if (strlen(text) != (size_t)r) /* a NUL: blocks that a crash left unwritten */
		damaged(s, path, 1);
	while ((line = strsep(&next, "\n"))) {
		n++;
		if (*line && !take_line(s, line))
			damaged(s, path, n);
	}
}

struct store *
store_open(const char *directory, const char *modem)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->modem = xstrdup(modem);
	s->slots_path = xasprintf("%s/%s.slots", directory, modem);
	s->pin_path = xasprintf("%s/%s.pin", directory, modem);
	load(s, s->slots_path, take_slots_line);
	load(s, s->pin_path, take_pin_line);
	return s;
}

void
store_close(struct store *s)
{
	if (!s)
		return;
	free(s->modem);
	free(s->slots_path);
	free(s->pin_path);
	free(s);
}

/* --- slots --- */

static int
save_slots(const struct store *s)
{
	char text[FILE_MAX] = "";
	size_t i;

	if (s->module[0])
		str_add(text, sizeof(text), "module %s\n", s->module);
	for (i = 0; i < s->n_slots; i++) {
		const struct store_slot *slot = &s->slots[i];

		str_add(text, sizeof(text), "slot %s ", slot->slot);
		add_hex(text, sizeof(text), slot->sha256, sizeof(slot->sha256));
		str_add(text, sizeof(text), " %" PRIu32 " %" PRId64 "\n", slot->size, slot->written_s);
	}
	return record_write(s->slots_path, text, 0600);
}

int
store_module(struct store *s, const char *imei)
{
	if (!is_word(imei, sizeof(s->module)))
		return -EINVAL;
	if (strcmp(s->module, imei) == 0)
		return 0;
	if (s->module[0] && s->n_slots)
		log_notice("modem", s->modem, "module %s in place of %s: what was written to that one is forgotten",
			   imei, s->module);
	/* Of a record without a module's name nobody knows whose it is. */
	s->n_slots = 0;
	str_copy(s->module, sizeof(s->module), imei);
	return save_slots(s);
}

static struct store_slot *
find(const struct store *s, const char *slot)
{
	size_t i;

	for (i = 0; i < s->n_slots; i++)
		if (strcmp(s->slots[i].slot, slot) == 0)
			return (struct store_slot *)&s->slots[i];
	return NULL;
}

const struct store_slot *
store_slot(const struct store *s, const char *slot)
{
	return find(s, slot);
}

int
store_remember(struct store *s, const struct store_slot *slot)
{
	struct store_slot *place = find(s, slot->slot);

	if (!is_word(slot->slot, sizeof(slot->slot)) || (!place && s->n_slots == STORE_SLOTS_MAX))
		return -EINVAL;
	if (!place)
		place = &s->slots[s->n_slots++];
	*place = *slot;
	return save_slots(s);
}

int
store_forget(struct store *s, const char *slot)
{
	struct store_slot *place = slot ? find(s, slot) : NULL;

	if (slot && !place)
		return 0;
	if (slot)
		*place = s->slots[--s->n_slots];
	else
		s->n_slots = 0;
	return save_slots(s);
}

/* --- PINs --- */

static int
save_pins(const struct store *s)
{
	char text[FILE_MAX] = "";
	size_t i;

	for (i = 0; i < s->n_pins; i++) {
		str_add(text, sizeof(text), "pin %s ", s->pins[i].iccid);
		add_hex(text, sizeof(text), s->pins[i].salt, sizeof(s->pins[i].salt));
		str_add(text, sizeof(text), " ");
		add_hex(text, sizeof(text), s->pins[i].hash, sizeof(s->pins[i].hash));
		str_add(text, sizeof(text), "\n");
	}
	return record_write(s->pin_path, text, 0600);
}

/* A SIM that does not tell its number stands as "-". */
static const char *
sim_name(const char *iccid)
{
	return *iccid ? iccid : "-";
}

static struct pin_record *
find_sim(const struct store *s, const char *iccid)
{
	size_t i;

	for (i = 0; i < s->n_pins; i++)
		if (strcmp(s->pins[i].iccid, sim_name(iccid)) == 0)
			return (struct pin_record *)&s->pins[i];
	return NULL;
}

static void
drop_pin(struct store *s, struct pin_record *p)
{
	s->n_pins--;
	memmove(p, p + 1, (size_t)(s->pins + s->n_pins - p) * sizeof(*p));
}

bool
store_pin_refused(const struct store *s, const char *iccid, const char *pin)
{
	const struct pin_record *p = find_sim(s, iccid);
	uint8_t hash[32];

	if (!p)
		return false;
	cert_slow_hash(pin, strlen(pin), p->salt, hash);
	return memcmp(hash, p->hash, sizeof(hash)) == 0;
}

int
store_pin_try(struct store *s, const char *iccid, const char *pin)
{
	struct pin_record *p = find_sim(s, iccid);
	int r;

	if (!is_word(sim_name(iccid), sizeof(p->iccid)))
		return -EINVAL;
	if (store_pin_refused(s, iccid, pin))
		return -EKEYREJECTED;
	if (p || s->n_pins == PINS_MAX)
		drop_pin(s, p ? p : s->pins);
	p = &s->pins[s->n_pins];
	str_copy(p->iccid, sizeof(p->iccid), sim_name(iccid));
	if (getrandom(p->salt, sizeof(p->salt), 0) != (ssize_t)sizeof(p->salt))
		return -EIO;
	cert_slow_hash(pin, strlen(pin), p->salt, p->hash);
	s->n_pins++;
	r = save_pins(s);
	if (r < 0)
		drop_pin(s, p); /* not tried, so not refused */
	return r;
}

int
store_pin_accepted(struct store *s, const char *iccid)
{
	struct pin_record *p = find_sim(s, iccid);

	if (!p)
		return 0;
	drop_pin(s, p);
	return save_pins(s);
}
