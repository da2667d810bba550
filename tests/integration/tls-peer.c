/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls-peer - a server whose every move a test writes down
 *
 *   tls-peer --cert FILE --key FILE [--ca FILE] [--plain] [--records BYTES] [--port N] [--port-file FILE] [--limit SECONDS] STEP...
 *
 * Listens on 127.0.0.1, on a free port where none is given, which it prints ("listening PORT") and writes to the port file, and follows the
 * steps (script.h) with each that connects, in a process of its own.  Says "refused WHY" when a handshake fails and
 * "accepted VERSION SUITE client SUBJECT" when not.
 *
 * It speaks TLS 1.0 and nothing newer, for that is all that the simulated modules speak; a Debian OpenSSL does so only
 * at security level 0, and sends records of at most 8192 bytes, for some of them refuse records above 15,800.  With --ca it wants a client certificate of that authority.
 */
#include "script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void __attribute__((noreturn))
die(const char *what)
{
	fprintf(stderr, "tls-peer: %s: %s\n", what, errno ? strerror(errno) : "see below");
	ERR_print_errors_fp(stderr);
	exit(2);
}

static ssize_t
tls_result(struct stream *s, int n)
{
	switch (SSL_get_error(s->tls, n)) {
	case SSL_ERROR_NONE:
		return n;
	case SSL_ERROR_ZERO_RETURN:
		s->ended_by_notice = true;
		return 0;
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_SYSCALL:
		return errno ? -1 : 0;
	default:
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return 0;
		errno = EPROTO;
		return -1;
	}
}

static ssize_t
tls_read(struct stream *s, void *bytes, size_t len)
{
	errno = 0;
	ERR_clear_error();
	return tls_result(s, SSL_read(s->tls, bytes, (int)len));
}

static ssize_t
tls_write(struct stream *s, const void *bytes, size_t len)
{
	errno = 0;
	ERR_clear_error();
	return tls_result(s, SSL_write(s->tls, bytes, (int)len));
}

static void
tls_close_notify(struct stream *s)
{
	SSL_shutdown(s->tls);
}

static bool
handshake(SSL_CTX *ctx, struct stream *s, int fd)
{
	char subject[256] = "none";
	X509 *client;
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1) {
		printf("refused %s\n", ERR_peek_error() ? ERR_reason_error_string(ERR_peek_error()) : "end");
		return false;
	}
	client = SSL_get1_peer_certificate(ssl);
	if (client)
		X509_NAME_oneline(X509_get_subject_name(client), subject, sizeof subject);
	X509_free(client);
	printf("accepted %s %s client %s\n", SSL_get_version(ssl), SSL_get_cipher(ssl), subject);
	stream_plain(s, fd);
	s->tls = ssl;
	s->read = tls_read;
	s->write = tls_write;
	s->close_notify = tls_close_notify;
	return true;
}

static SSL_CTX *
context(const char *cert, const char *key, const char *ca, long record)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx || !SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0") ||
	    !SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) || !SSL_CTX_set_max_proto_version(ctx, TLS1_VERSION) ||
	    SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		die("certificate and key");
	SSL_CTX_set_max_send_fragment(ctx, record);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (ca && !SSL_CTX_load_verify_locations(ctx, ca, NULL))
		die(ca);
	if (ca)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return ctx;
}

static int
listener(const char *port, const char *port_file)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons((unsigned short)(port ? atoi(port) : 0)) };
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *f;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		die("listen");
	printf("listening %u\n", ntohs(address.sin_port));
	if (port_file) {
		f = fopen(port_file, "w");
		if (!f)
			die(port_file);
		fprintf(f, "%u\n", ntohs(address.sin_port));
		fclose(f);
	}
	return fd;
}

static void
serve(SSL_CTX *ctx, int fd, char *const *steps)
{
	struct stream s;

	if (!ctx) {
		puts("accepted plain");
		stream_plain(&s, fd);
	} else if (!handshake(ctx, &s, fd)) {
		exit(1);
	}
	exit(script_run(&s, steps));
}

int
main(int argc, char **argv)
{
	const char *cert = NULL, *key = NULL, *ca = NULL, *port = NULL, *port_file = NULL;
	unsigned limit = 1200;
	long record = 8192;
	bool plain = false;
	SSL_CTX *ctx;
	int fd, client;

	(void)argc;
	for (argv++; *argv && !strncmp(*argv, "--", 2); argv++) {
		const char **value = !strcmp(*argv, "--cert") ? &cert : !strcmp(*argv, "--key") ? &key :
		    !strcmp(*argv, "--ca") ? &ca : !strcmp(*argv, "--port-file") ? &port_file : !strcmp(*argv, "--port") ? &port : NULL;

		if (value && argv[1]) {
			*value = *++argv;
		} else if (!strcmp(*argv, "--limit") && argv[1]) {
			limit = (unsigned)atoi(*++argv);
		} else if (!strcmp(*argv, "--records") && argv[1]) {
			record = atoi(*++argv);
		} else if (!strcmp(*argv, "--plain")) {
			plain = true;
		} else {
			fprintf(stderr, "tls-peer: what is \"%s\"?\n", *argv);
			return 2;
		}
	}
	script_limit(limit);
	ctx = plain ? NULL : context(cert ? cert : "", key ? key : "", ca, record);
	fd = listener(port, port_file);
	signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
	while ((client = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		pid_t child = fork();

		if (child == 0) {
			close(fd);
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			alarm(limit);
			serve(ctx, client, argv);
		}
		if (child < 0)
			die("fork");
		close(client);
	}
	die("accept");
}
