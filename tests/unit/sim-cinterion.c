/* SPDX-License-Identifier: Apache-2.0 */
#include "sim-cinterion.h"

#include "base/str.h"

const struct module_opts bgs2 = { .family = "cinterion", .address = "10.64.13.7" };
const struct module_opts mc75i = { .family = "cinterion", .model = "MC75i", .address = "10.64.13.7" };

void
cmd(struct world *w, const char *command, const char *answer)
{
	ask(w, command, answer);
	pass(w, 80);
}

void
service(struct world *w, int id, const char *host, const char *sec_opt)
{
	char text[200];

	snprintf(text, sizeof(text), "AT^SISS=%d,srvType,\"Socket\"", id);
	cmd(w, text, OK);
	snprintf(text, sizeof(text), "AT^SISS=%d,conId,0", id);
	cmd(w, text, OK);
	snprintf(text, sizeof(text), "AT^SISS=%d,address,\"socktcp://%s:443\"", id, host);
	cmd(w, text, OK);
	snprintf(text, sizeof(text), "AT^SISS=%d,secOpt,%s", id, *sec_opt ? sec_opt : "\"\"");
	cmd(w, text, OK);
}

static void
show_leaf(struct peer *p, void *arg)
{
	static const struct far_leaf leaves[] = {
		{ "/C=DE/ST=Berlin/O=demo/OU=demo/CN=level2CA", "/C=DE/ST=Berlin/O=demo/OU=demo/CN=level3.example.de",
		  "00F1F4565330802E0D", "sha1RSA", "6360CE34138D1F80818F25E58B55BF2FA486E7B9" },
		{ "/C=ZA/O=Thawte Consulting (Pty) Ltd./CN=Thawte SGC CA",
		  "/C=US/ST=California/L=Mountain View/O=Google Inc/CN=www.google.com", "4F9D96D966B0992B54C2957CB4157D4D",
		  "sha1RSA", "C1956DC8A7DFB2A5A56934DA09778E3A11023358" },
	};

	(void)arg;
	p->leaf = leaves[!strcmp(p->host, "www.google.com")];
}

struct world *
cinterion_up(const struct module_opts *opts)
{
	struct world *w = world_new(opts);

	w->net->on_dial = show_leaf;
	cmd(w, "ATE0", "ATE0\r" OK);
	cmd(w, "AT+CMEE=2", OK);
	cmd(w, "AT\\Q3", OK);
	cmd(w, "AT&D2", OK);
	cmd(w, "AT+GSN", "\r\n004401080551530\r\n" OK);
	cmd(w, "AT+CPIN?", "\r\n+CPIN: READY\r\n" OK);
	cmd(w, "AT+CREG?", "\r\n+CREG: 0,1\r\n" OK);
	cmd(w, "AT^SCFG=\"Tcp/WithURCs\",\"on\"", "\r\n^SCFG: \"Tcp/WithURCs\",\"on\"\r\n" OK);
	cmd(w, "AT^SIND=is_cert,1", "\r\n^SIND: is_cert,1\r\n" OK);
	cmd(w, "AT+CMER=3,0,0,2", OK);
	cmd(w, "AT^SICS=0,conType,\"GPRS0\"", OK);
	cmd(w, "AT^SICS=0,apn,\"internet.example\"", OK);
	return w;
}

struct world *
cinterion_opened(const struct module_opts *opts)
{
	struct world *w = cinterion_up(opts);

	service(w, 1, "level3.example.de", "1,2");
	cmd(w, "AT^SISO=1", OK "\r\n+CIEV: is_cert,1," LEVEL3 "\r\n\r\n^SISW: 1, 1\r\n");
	return w;
}
