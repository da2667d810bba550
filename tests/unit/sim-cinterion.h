/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim-cinterion.h - a simulated Cinterion module in its world, brought so far
 */
#ifndef CELLTLS_TESTS_SIM_CINTERION_H
#define CELLTLS_TESTS_SIM_CINTERION_H

#include "sim-world.h"

/* What level3.example.de shows, as +CIEV has it from the issuer on. */
#define LEVEL3 \
	"/C=DE/ST=Berlin/O=demo/OU=demo/CN=level2CA,00F1F4565330802E0D,/C=DE/ST=Berlin/O=demo/OU=demo/CN=level3.example.de," \
	"sha1RSA,sha1,6360CE34138D1F80818F25E58B55BF2FA486E7B9"
/* And www.google.com. */
#define GOOGLE \
	"/C=ZA/O=Thawte Consulting (Pty) Ltd./CN=Thawte SGC CA,4F9D96D966B0992B54C2957CB4157D4D," \
	"/C=US/ST=California/L=Mountain View/O=Google Inc/CN=www.google.com,sha1RSA,sha1,C1956DC8A7DFB2A5A56934DA09778E3A11023358"

extern const struct module_opts bgs2, mc75i;

void cmd(struct world *w, const char *command, const char *answer); /* as ask(), with this family's pause */
void service(struct world *w, int id, const char *host, const char *sec_opt); /* a Socket profile; "" is plain */

struct world *cinterion_up(const struct module_opts *opts); /* 10.1 up to ^SICS; echo is off; peers are LEVEL3 or GOOGLE */
struct world *cinterion_opened(const struct module_opts *opts); /* 10.2 up to the ready URC: service 1 */

#endif
