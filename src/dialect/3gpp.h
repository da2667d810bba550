/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 3gpp.h - what all dialects share (3GPP TS 27.007, V.250), also used to find out which one it is
 */
#ifndef CELLTLS_DIALECT_3GPP_H
#define CELLTLS_DIALECT_3GPP_H

#include "at/dialect.h"

extern const char *const gpp_rescue[]; /* out of a prompt; words and results on again */
extern const char *const gpp_rescue_long[]; /* the same, and out of a counted payload */
extern const struct at_step gpp_wake[];	    /* out of data mode, and an answer to "AT"; struct modem_op */
extern const struct at_step gpp_identify[]; /* echo off; manufacturer, model, revision, IMEI */
extern const struct at_step gpp_sim[];
extern const struct at_step gpp_sim_unlock[];
extern const struct at_step gpp_registration[];
extern const struct at_step gpp_set_clock[]; /* AT+CCLK= in UTC, from op->wall_s; mod->clock_set */
extern const struct at_step gpp_network_time[]; /* AT+CCLK? to mod->network_s */

int gpp_creg_urc(struct at_line *, struct dialect_event *ret); /* "+CREG: <stat>[,...]" */
int gpp_imei_line(struct at_line *, void *op); /* bare digits; the first ones count */

#endif
