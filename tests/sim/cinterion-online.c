/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-online.c - simulated Cinterion modules: the Transparent service's data mode and the way out of it
 */
#include "cinterion.h"

void
cinterion_online_init(struct cinterion *c)
{
	c->online = NULL;
}

void
cinterion_online_leave(struct cinterion *c)
{
	c->online = NULL;
}

size_t
cinterion_online_input(struct cinterion *c, const uint8_t *bytes, size_t len)
{
	(void)c;
	(void)bytes;
	return len;
}

void
cinterion_online_pull(struct cinterion *c)
{
	(void)c;
}

void
cinterion_online_end(struct cinterion *c)
{
	c->online = NULL;
}

void
cinterion_dtr(struct cinterion *c, bool raised)
{
	c->dtr = raised;
}

const struct cinterion_cmd cinterion_online_cmds[] = { { 0 } };
