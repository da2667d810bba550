/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf-text.h - configurations as texts, and what is said of them
 */
#ifndef CELLTLS_TESTS_CONF_TEXT_H
#define CELLTLS_TESTS_CONF_TEXT_H

#include <stddef.h>

#include "conf/conf.h"

/* A modem and a channel without mistakes; what a test adds goes where it likes. */
#define MODEM_HEAD "modems = ( { name = \"gw0\"; device = \"/dev/ttyUSB0\"; dialect = \"telit\"; pdp = { apn = \"internet\"; }; "
#define MODEM_TAIL "} );\n"
#define MODEM MODEM_HEAD MODEM_TAIL
#define CHANNEL_HEAD "channels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"example.com:443\"; tls = { verify = \"server\"; };\n"
#define CHANNEL_TAIL "} );\n"
#define TLS_HEAD "channels = ( { name = \"cloud\"; modem = \"gw0\"; remote = \"example.com:443\"; tls = { verify = \"server\";\n"
#define TLS_TAIL "}; } );\n"

/* All lines of the report; the caller frees. */
char *report_text(const struct conf_report *);

/* The whole report of a text must be these lines; returns the result. */
int says_len(const char *text, size_t len, unsigned flags, const char *expected);
void says(const char *text, const char *expected);

/* The same of keys put into a good modem, channel or group tls; they begin in line 2, 3 and 3. */
void modem_says(const char *keys, const char *expected);
void channel_says(const char *keys, const char *expected);
void tls_says(const char *keys, const char *expected);

struct conf *good(const char *text); /* nothing is said of it; the caller frees */

#endif
