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
extern const struct at_step gpp_registration[];

/* Parsers and builders for drivers' tables. */
int gpp_creg_urc(struct at_line *, struct dialect_event *ret); /* "+CREG: <stat>[,...]" */
int gpp_csq_answer(struct at_line *, void *op);
int gpp_sim_refused(const struct at_error *, void *op);
void gpp_pin_cmd(struct at_cmd *, const void *op);
void gpp_cclk_cmd(struct at_cmd *, const void *op); /* AT+CCLK= in UTC, from op->wall_s */
extern const struct at_step gpp_network_time[];	    /* AT+CCLK? to mod->network_s */

#endif
