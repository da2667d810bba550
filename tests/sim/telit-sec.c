/* SPDX-License-Identifier: Apache-2.0 */
/*
 * telit-sec.c - simulated Telit modules: #SSLSECCFG and #SSLSECDATA
 *
 * The items are stored as they came and looked at when somebody dials.
 */
#include "telit.h"

#include <stdio.h>
#include <string.h>

enum { ITEM_CERT, ITEM_CA, ITEM_KEY };

static const char *const items[] = { "cert", "ca", "key" };

void
telit_sec_init(struct telit *t)
{
	const char *text = flash_text(t->m->flash, "sslseccfg");

	t->cipher = t->verify = 0;
	if (text)
		sscanf(text, "%d %d", &t->cipher, &t->verify);
	t->cert_format = 1;
	t->format_given = false;
}

static int
sslseccfg_set(struct telit *t, const struct at_args *a)
{
	long id, cipher, verify, format;
	char text[32];

	if (a->n == 4 && !t->traits->line3g)
		return T_ERROR;
	if (a->n < 3 || a->n > 4 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 0, t->traits->max_cipher, -1, &cipher) ||
	    !at_int(a, 2, 0, 2, -1, &verify) || (a->n == 4 && !at_int(a, 3, 0, 1, -1, &format)))
		return CME_NOT_SUPPORTED;
	t->cipher = (int)cipher;
	t->verify = (int)verify;
	if (a->n == 4) {
		t->cert_format = (int)format;
		t->format_given = true;
	}
	snprintf(text, sizeof(text), "%d %d", t->cipher, t->verify);
	flash_put_text(t->m->flash, "sslseccfg", text);
	return T_OK;
}

static int
sslseccfg_read(struct telit *t)
{
	if (t->format_given)
		telit_info(t, "#SSLSECCFG: 1,%d,%d,%d", t->cipher, t->verify, t->cert_format);
	else
		telit_info(t, "#SSLSECCFG: 1,%d,%d", t->cipher, t->verify);
	return T_OK;
}

static int
item_store(struct telit *t, bool aborted)
{
	struct prompt *p = &t->prompt;

	if (aborted)
		return T_OK;
	/* more than was announced, or nothing at all */
	if (!p->seen || p->seen > p->want)
		return CME_NOT_SUPPORTED;
	if (t->m->faults.full_flash)
		return CME_UNDOCUMENTED;
	t->m->counters.slot_writes++;
	flash_put(t->m->flash, items[t->sec_type], fifo_bytes(&p->data), p->data.len);
	module_log(t->m, "* %s stored, %zu bytes", items[t->sec_type], p->data.len);
	return T_OK;
}

static int
item_show(struct telit *t, int type)
{
	const struct flash_item *it = flash_get(t->m->flash, items[type]);
	char head[40];

	t->m->counters.key_reads += type == ITEM_KEY;
	snprintf(head, sizeof(head), "#SSLSECDATA: 1,%d", type);
	if (it)
		telit_info_bytes(t, head, it->bytes, it->len);
	else
		telit_info_bytes(t, head, "No data stored", 14);
	return T_OK;
}

static int
sslsecdata_set(struct telit *t, const struct at_args *a)
{
	long id, action, type, size;

	if (!t->ssl_enabled)
		return CME_SSL_NOT_ACTIVATED;
	if (a->n < 3 || !at_int(a, 0, 1, 1, -1, &id) || !at_int(a, 1, 0, 2, -1, &action) || !at_int(a, 2, 0, 2, -1, &type) ||
	    a->n != (action == 1 ? 4 : 3))
		return CME_NOT_SUPPORTED;
	if (action == 2)
		return item_show(t, (int)type);
	if (t->ssl.state != SOCK_CLOSED)
		return CME_SSL_CONNECTED;
	if (action == 0) {
		t->m->counters.slot_writes += flash_get(t->m->flash, items[type]) != NULL;
		flash_delete(t->m->flash, items[type]);
		return T_OK;
	}
	if (!at_int(a, 3, 1, TELIT_ITEM_MAX, -1, &size))
		return CME_NOT_SUPPORTED;
	t->sec_type = (int)type;
	return telit_prompt(t, t->cert_format == 0, (size_t)size, item_store);
}

static int
sslsecdata_read(struct telit *t)
{
	telit_info(t, "#SSLSECDATA: 1,%d,%d,%d", flash_get(t->m->flash, "cert") != NULL,
		   flash_get(t->m->flash, "ca") != NULL, flash_get(t->m->flash, "key") != NULL);
	return T_OK;
}

/* PEM with line feeds alone; DER begins with a SEQUENCE. */
static bool
item_use(const struct telit *t, int type, struct far_item *ret)
{
	const struct flash_item *it = flash_get(t->m->flash, items[type]);

	if (!it || !it->len)
		return false;
	ret->bytes = it->bytes;
	ret->len = it->len;
	if (it->bytes[0] == 0x30)
		return true;
	if (memchr(it->bytes, '\r', it->len))
		return false;
	return type != ITEM_KEY || memmem(it->bytes, it->len, "BEGIN RSA PRIVATE KEY", 21);
}

int
telit_sec_items(struct telit *t, struct far_params *p)
{
	bool big;

	p->verify = t->verify;
	p->n_ca = t->verify >= 1;
	if (p->n_ca && !item_use(t, ITEM_CA, &p->ca[0]))
		return CME_SSL_ITEMS;
	if (t->verify == 2 && (!item_use(t, ITEM_CERT, &p->cert) || !item_use(t, ITEM_KEY, &p->key)))
		return CME_SSL_ITEMS;
	big = p->ca[0].len > 1024 || p->cert.len > 1024;
	if (t->traits->cpumode_needed && big && t->cpumode < 2)
		return CME_SSL_HANDSHAKE; /* too slow for any server's patience */
	return 0;
}

const struct telit_cmd telit_sec_cmds[] = {
	{ "#SSLSECCFG", sslseccfg_set, sslseccfg_read, NULL, "", NEED_SSLEN | NEED_SELINT },
	{ "#SSLSECDATA", sslsecdata_set, sslsecdata_read, NULL, "(1),(0-2),(0-2),(1-2047)", NEED_SELINT },
	{ 0 },
};
