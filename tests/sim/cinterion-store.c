/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cinterion-store.c - simulated Cinterion modules: ^SBNR and ^SBNW
 */
#include "cinterion.h"

void
cinterion_store_init(struct cinterion *c)
{
	(void)c;
}

void
cinterion_store_reset(struct cinterion *c)
{
	(void)c;
}

void
cinterion_store_deinit(struct cinterion *c)
{
	(void)c;
}

void
cinterion_store_trust(struct cinterion *c, const struct serv *s, struct far_params *p)
{
	(void)c;
	p->verify = strcmp(s->sec_opt, "-1") != 0;
}

const struct cinterion_cmd cinterion_store_cmds[] = { { 0 } };
