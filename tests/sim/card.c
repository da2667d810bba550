/* SPDX-License-Identifier: Apache-2.0 */
#include "card.h"

#include <string.h>

#include "base/str.h"

void
card_make(struct card *k, const char *pin)
{
	*k = (struct card){ .in = true, .pin_tries = 3, .puk_tries = 10 };
	str_copy(k->pin, sizeof(k->pin), pin ? pin : "");
	card_power(k);
}

void
card_power(struct card *k)
{
	k->pin_done = !*k->pin;
}

int
card_error(const struct card *k)
{
	if (!k->in)
		return CME_NO_SIM;
	if (k->puk_needed)
		return k->puk_tries ? CME_SIM_PUK : CME_SIM_FAILURE;
	return k->pin_done ? 0 : CME_SIM_PIN;
}

const char *
card_status(const struct card *k)
{
	return k->puk_needed ? "SIM PUK" : k->pin_done ? "READY" : "SIM PIN";
}

int
card_enter(struct card *k, const struct at_args *a, const char *puk)
{
	if (!k->in)
		return CME_NO_SIM;
	if (k->puk_needed) {
		if (a->n != 2)
			return CME_SIM_PUK;
		if (!k->puk_tries)
			return CME_SIM_FAILURE;
		if (strcmp(a->v[0], puk)) {
			k->puk_tries--;
			return CME_BAD_PASSWORD;
		}
		str_copy(k->pin, sizeof(k->pin), a->v[1]);
		k->puk_needed = false;
	} else if (k->pin_done) {
		return CME_NOT_ALLOWED;
	} else if (a->n != 1) {
		return -1;
	} else if (strcmp(a->v[0], k->pin)) {
		k->puk_needed = --k->pin_tries == 0;
		return CME_BAD_PASSWORD;
	}
	k->pin_tries = 3;
	k->pin_done = true;
	return 0;
}
