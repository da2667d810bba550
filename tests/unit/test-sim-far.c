/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's real network: which server it believes, what it tells of its certificate, and half-closing. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "sim-pki.h"
#include "sim/far-openssl.h"
#include "unit.h"

#define ROOT "/C=DE/O=Test/CN=Root"
#define MIDDLE "/C=DE/O=Test/CN=Middle"
#define SERVER "/C=DE/O=Test, with a comma/OU=http://a.example/b + c/CN=level3.example.de"

static struct pki root, middle, server, stranger;

/* Both ends in one thread: the server does what it can at each turn. */
struct ends {
	struct far *far;
	struct far_conn *conn;
	struct far_params params;
	uint16_t suite;

	int listener, fd;
	SSL_CTX *ctx;
	SSL *ssl;
	bool plain, shaken, server_saw_end;
	char at_server[64];
	int at_server_len;

	char told[64]; /* the events, a letter each */
	struct far_leaf leaf;
	enum far_fail why;
};

static void
tell(void *arg, char what)
{
	struct ends *e = arg;

	e->told[strlen(e->told)] = what;
}

static void
on_opened(void *arg, const struct far_opened *how)
{
	struct ends *e = arg;

	e->suite = how->suite;
	tell(arg, 'o');
}

static void
on_failed(void *arg, enum far_fail why)
{
	struct ends *e = arg;

	e->why = why;
	tell(arg, 'f');
}

static void
on_progress(void *arg)
{
	(void)arg;
}

static void
on_readable(void *arg)
{
	tell(arg, 'r');
}

static void
on_writable(void *arg)
{
	tell(arg, 'w');
}

static void
on_ended(void *arg, enum far_end how)
{
	tell(arg, how == FAR_CLOSED ? 'e' : 'a');
}

static void
on_certificate(void *arg, const struct far_leaf *leaf)
{
	struct ends *e = arg;

	e->leaf = *leaf;
	tell(arg, 'c');
}

static const struct far_events events = {
	on_opened, on_failed, on_progress, on_readable, on_writable, on_ended, on_certificate,
};

static void
serve(struct ends *e)
{
	int n;

	if (e->fd < 0) {
		e->fd = accept4(e->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (e->fd < 0)
			return;
		if (!e->plain) {
			e->ssl = SSL_new(e->ctx);
			SSL_set_fd(e->ssl, e->fd);
			SSL_set_accept_state(e->ssl);
		}
	}
	if (e->ssl && !e->shaken) {
		e->shaken = SSL_do_handshake(e->ssl) == 1;
		return;
	}
	if (e->ssl)
		n = SSL_read(e->ssl, e->at_server + e->at_server_len, 32);
	else
		n = (int)recv(e->fd, e->at_server + e->at_server_len, 32, 0);
	if (n > 0)
		e->at_server_len += n;
	else if (e->ssl ? SSL_get_error(e->ssl, n) == SSL_ERROR_ZERO_RETURN : !n)
		e->server_saw_end = true;
}

static void
turns(struct ends *e, int n)
{
	while (n--) {
		struct pollfd fd = { .fd = far_openssl_fd(e->far), .events = POLLIN };

		serve(e);
		poll(&fd, 1, 1);
		far_openssl_run(e->far);
	}
}

/* What the events were since the last time. */
static void
was_told(struct ends *e, const char *letters)
{
	for (int i = 0; i < 500 && strlen(e->told) < strlen(letters); i++)
		turns(e, 1);
	turns(e, 5);
	assert_string_equal(e->told, letters);
	memset(e->told, 0, sizeof(e->told));
}

static void
ends_init(struct ends *e, const struct pki *const *chain, const char *ciphers)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	static const uint16_t suites[] = { 0x0001, 0x0002, 0x000A, 0x002F };

	memset(e, 0, sizeof(*e));
	e->fd = -1;
	e->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_false(bind(e->listener, (struct sockaddr *)&in, sizeof(in)));
	assert_false(listen(e->listener, 1));
	getsockname(e->listener, (struct sockaddr *)&in, &len);
	e->far = far_openssl_new(NULL, NULL);
	e->params = (struct far_params){ .host = "127.0.0.1", .port = ntohs(in.sin_port), .tls = chain != NULL,
		.min_version = TLS1_VERSION, .max_version = TLS1_VERSION, .suites = suites, .n_suites = 4, .verify = 1 };
	e->plain = !chain;
	if (e->plain)
		return;
	e->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_min_proto_version(e->ctx, TLS1_VERSION);
	assert_int_equal(SSL_CTX_set_cipher_list(e->ctx, ciphers), 1);
	assert_int_equal(SSL_CTX_use_certificate(e->ctx, chain[0]->cert), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(e->ctx, chain[0]->key), 1);
	for (chain++; *chain; chain++)
		assert_int_equal(SSL_CTX_add1_chain_cert(e->ctx, (*chain)->cert), 1);
}

static void
ends_deinit(struct ends *e)
{
	if (e->conn)
		far_close(e->conn, false);
	far_openssl_free(e->far);
	SSL_free(e->ssl);
	SSL_CTX_free(e->ctx);
	close(e->listener);
	close(e->fd);
}

static void
trust(struct ends *e, const struct pki *p)
{
	e->params.ca[e->params.n_ca++] = (struct far_item){ p->der, p->len };
}

static void
dial(struct ends *e)
{
	e->conn = e->far->ops->open(e->far, &e->params, &events, e);
}

static const struct pki *const both[] = { &server, &middle, NULL }, *const alone[] = { &server, NULL };
#define ANY "AES128-SHA:@SECLEVEL=0"

static void
the_servers_certificate_is_told_before_the_connection_stands(void **state)
{
	struct ends e;

	(void)state;
	ends_init(&e, both, ANY);
	trust(&e, &root);
	dial(&e);
	was_told(&e, "co");
	assert_string_equal(e.leaf.subject, SERVER);
	assert_string_equal(e.leaf.issuer, MIDDLE);
	assert_string_equal(e.leaf.serial, "00F1F4565330802E0B");
	assert_string_equal(e.leaf.signature, "sha1RSA");
	assert_int_equal(strlen(e.leaf.thumbprint), 40);
	assert_int_equal(strspn(e.leaf.thumbprint, "0123456789ABCDEF"), 40);
	assert_int_equal(e.suite, 0x002F);
	ends_deinit(&e);
}

static void
a_server_that_is_not_believed_is_told_too(void **state)
{
	struct ends e;

	(void)state;
	ends_init(&e, both, ANY);
	trust(&e, &stranger);
	dial(&e);
	was_told(&e, "cf");
	assert_int_equal(e.why, FAR_CERT);
	assert_string_equal(e.leaf.subject, SERVER);
	ends_deinit(&e);

	/* and one that nobody asked about */
	ends_init(&e, both, ANY);
	e.params.verify = 0;
	dial(&e);
	was_told(&e, "co");
	assert_string_equal(e.leaf.subject, SERVER);
	ends_deinit(&e);
}

static void
any_of_several_certificates_ends_the_chain(void **state)
{
	struct ends e;

	(void)state;
	ends_init(&e, both, ANY);
	trust(&e, &stranger);
	trust(&e, &root);
	dial(&e);
	was_told(&e, "co");
	ends_deinit(&e);

	/* the server leaves the one in the middle out, and a slot has it */
	ends_init(&e, alone, ANY);
	trust(&e, &root);
	dial(&e);
	was_told(&e, "cf");
	ends_deinit(&e);
	ends_init(&e, alone, ANY);
	trust(&e, &middle);
	trust(&e, &root);
	dial(&e);
	was_told(&e, "co");
	ends_deinit(&e);
}

static void
a_certificate_that_is_no_root_ends_it_only_where_that_is_asked_for(void **state)
{
	struct ends e;

	(void)state;
	for (int partial = 0; partial < 2; partial++) {
		ends_init(&e, both, ANY);
		trust(&e, &middle);
		e.params.partial = partial;
		dial(&e);
		was_told(&e, partial ? "co" : "cf");
		ends_deinit(&e);
	}
	/* the server's own is one too */
	ends_init(&e, alone, ANY);
	trust(&e, &server);
	e.params.partial = true;
	dial(&e);
	was_told(&e, "co");
	ends_deinit(&e);
}

static void
dates_are_looked_at_with_a_clock_only(void **state)
{
	static const int64_t clocks[] = { 0, 1400000000, 1200000000 };
	struct ends e;

	(void)state;
	for (int i = 0; i < 3; i++) {
		ends_init(&e, both, ANY);
		trust(&e, &root);
		e.params.now_s = clocks[i];
		dial(&e);
		was_told(&e, i < 2 ? "co" : "cf");
		ends_deinit(&e);
	}
}

/* The module says that it has written all; the server goes on, and closes then. */
static void
half_closed(const struct pki *const *chain)
{
	struct ends e;
	char got[16];

	ends_init(&e, chain, ANY);
	trust(&e, &root);
	dial(&e);
	was_told(&e, chain ? "co" : "o");
	assert_int_equal(far_write(e.conn, "to the end", 10), 10);
	far_finish(e.conn);
	for (int i = 0; i < 500 && !e.server_saw_end; i++)
		turns(&e, 1);
	assert_true(e.server_saw_end);
	assert_int_equal(e.at_server_len, 10);
	assert_memory_equal(e.at_server, "to the end", 10);
	assert_int_equal(far_write(e.conn, "more", 4), 4); /* taken, and gone */

	assert_int_equal(e.ssl ? SSL_write(e.ssl, "still here", 10) : send(e.fd, "still here", 10, 0), 10);
	was_told(&e, "r");
	assert_int_equal(far_read(e.conn, got, sizeof(got)), 10);
	assert_memory_equal(got, "still here", 10);
	if (e.ssl)
		SSL_shutdown(e.ssl);
	shutdown(e.fd, SHUT_WR);
	was_told(&e, "e");
	assert_int_equal(e.at_server_len, 10);
	ends_deinit(&e);
}

static void
reading_goes_on_after_the_last_byte_was_written(void **state)
{
	(void)state;
	half_closed(NULL);
	half_closed(both);
}

/* More than the network takes at once was written before. */
static void
the_end_waits_for_what_was_written_before(void **state)
{
	struct ends e;
	char block[8192] = "";
	size_t taken = 0, n;

	(void)state;
	ends_init(&e, both, ANY);
	trust(&e, &root);
	dial(&e);
	was_told(&e, "co");
	do {
		n = far_write(e.conn, block, sizeof(block));
		taken += n;
	} while (n == sizeof(block));
	far_finish(e.conn);
	for (int i = 0; i < 20000 && taken; i++) {
		char sink[16384];
		int r = SSL_read(e.ssl, sink, sizeof(sink));

		if (r > 0)
			taken -= (size_t)r;
		else if (SSL_get_error(e.ssl, r) == SSL_ERROR_ZERO_RETURN)
			break;
		else
			far_openssl_run(e.far);
	}
	assert_int_equal(taken, 0);
	for (int i = 0; i < 500 && !e.server_saw_end; i++)
		turns(&e, 1);
	assert_true(e.server_saw_end);
	ends_deinit(&e);
}

static void
suites_that_do_not_encrypt_are_there(void **state)
{
	struct ends e;

	(void)state;
	if (!far_openssl_can(0x0002))
		skip();
	ends_init(&e, both, "NULL-SHA:@SECLEVEL=0");
	trust(&e, &root);
	dial(&e);
	was_told(&e, "co");
	assert_int_equal(e.suite, 0x0002);
	ends_deinit(&e);
}

static int
make_all(void **state)
{
	(void)state;
	pki_make(&root, ROOT, "01", NULL, 1);
	pki_make(&middle, MIDDLE, "02", &root, 1);
	pki_make(&server, SERVER, "F1F4565330802E0B", &middle, 0);
	pki_make(&stranger, "/CN=Stranger", "01", NULL, 1);
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	pki_deinit(&root);
	pki_deinit(&middle);
	pki_deinit(&server);
	pki_deinit(&stranger);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_servers_certificate_is_told_before_the_connection_stands),
		cmocka_unit_test(a_server_that_is_not_believed_is_told_too),
		cmocka_unit_test(any_of_several_certificates_ends_the_chain),
		cmocka_unit_test(a_certificate_that_is_no_root_ends_it_only_where_that_is_asked_for),
		cmocka_unit_test(dates_are_looked_at_with_a_clock_only),
		cmocka_unit_test(reading_goes_on_after_the_last_byte_was_written),
		cmocka_unit_test(the_end_waits_for_what_was_written_before),
		cmocka_unit_test(suites_that_do_not_encrypt_are_there),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
