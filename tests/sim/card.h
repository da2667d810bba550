/* SPDX-License-Identifier: Apache-2.0 */
/*
 * card.h - the SIM that is, or is not, in a module
 */
#ifndef SIM_CARD_H
#define SIM_CARD_H

#include <stdbool.h>

#include "at.h"

/* What TS 27.007 says of a card that will not do. */
enum {
	CME_NOT_ALLOWED = 3,
	CME_NO_SIM = 10,
	CME_SIM_PIN = 11,
	CME_SIM_PUK = 12,
	CME_SIM_FAILURE = 13,
	CME_BAD_PASSWORD = 16,
};

struct card {
	bool in, pin_done, puk_needed;
	int pin_tries, puk_tries;
	char pin[16];
};

void card_make(struct card *k, const char *pin); /* a new one, in; NULL: it asks for no PIN */
void card_power(struct card *k);		 /* it is asked for its PIN again */
int card_error(const struct card *k);		 /* 0, or why it cannot be used */
const char *card_status(const struct card *k);	 /* as +CPIN? has it; of one that is in and not broken */

/* AT+CPIN=: 0, what is wrong, or -1 for arguments that it does not take. */
int card_enter(struct card *k, const struct at_args *a, const char *puk);

#endif
