/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORD 8192

static SSL_CTX *ctx;
static int listen_fd;
static struct meter *current_meter;

/* A certificate that nobody checks: the channels of the benchmark say verify = "none". */
static void
self_signed(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *cert = X509_new();
	X509_NAME *name;

	if (!key || !cert)
		die("server key");
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"server.example", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	if (!X509_sign(cert, key, EVP_sha256()) || SSL_CTX_use_certificate(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1)
		die("server certificate");
	X509_free(cert);
	EVP_PKEY_free(key);
}

/* false: the peer is gone */
static bool
read_all(SSL *ssl, uint8_t *bytes, size_t len)
{
	int n;

	for (; len; len -= (size_t)n, bytes += n)
		if ((n = SSL_read(ssl, bytes, (int)len)) <= 0)
			return false;
	return true;
}

static bool
again(SSL *ssl, int r)
{
	int e = SSL_get_error(ssl, r);

	return e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE;
}

/* Takes up and sends down bytes, both at once. */
static bool
transfer(SSL *ssl, uint64_t up, uint64_t down, struct meter *m)
{
	static const uint8_t zeros[RECORD];
	uint8_t bytes[16384];

	while (up || down) {
		struct pollfd p = { .fd = SSL_get_fd(ssl), .events = (short)((up ? POLLIN : 0) | (down ? POLLOUT : 0)) };
		int n;

		if (up && (n = SSL_read(ssl, bytes, (int)(up < sizeof(bytes) ? up : sizeof(bytes)))) > 0) {
			up -= (uint64_t)n;
			if (m)
				meter_add(m, (size_t)n);
			p.fd = -1;
		} else if (up && !again(ssl, n)) {
			return false;
		}
		if (down && (n = SSL_write(ssl, zeros, (int)(down < RECORD ? down : RECORD))) > 0) {
			down -= (uint64_t)n;
			p.fd = -1;
		} else if (down && !again(ssl, n)) {
			return false;
		}
		if (p.fd >= 0)
			poll(&p, 1, -1);
	}
	return true;
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct meter *m = current_meter;
	SSL *ssl = SSL_new(ctx);
	uint8_t order[ORDER_LEN];
	unsigned long long up, down;

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_write(ssl, (char[]){ GREETING }, 1) == 1) {
		while (read_all(ssl, order, sizeof(order)) && sscanf((char *)order, "%llu %llu", &up, &down) == 2) {
			make_nonblocking(fd);
			if (!transfer(ssl, up, down, m))
				break;
			if (up && SSL_write(ssl, "k", 1) != 1)
				break;
			if (fcntl(fd, F_SETFL, 0) < 0)
				break;
		}
	}
	SSL_free(ssl);
	close(fd);
	ERR_clear_error();
	return NULL;
}

static void *
server(void *arg)
{
	pthread_t thread;
	int fd;

	(void)arg;
	while ((fd = accept(listen_fd, NULL, NULL)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

unsigned
server_start(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	pthread_t thread;

	ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx || !SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0") || !SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) ||
	    !SSL_CTX_set_max_proto_version(ctx, TLS1_VERSION))
		die("this OpenSSL has no TLS 1.0");
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	self_signed();
	listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listen_fd < 0 || bind(listen_fd, (struct sockaddr *)&a, len) < 0 || listen(listen_fd, 16) < 0 ||
	    getsockname(listen_fd, (struct sockaddr *)&a, &len) < 0 || pthread_create(&thread, NULL, server, NULL))
		die("server");
	pthread_detach(thread);
	return ntohs(a.sin_port);
}

void
server_meter(struct meter *m)
{
	current_meter = m;
}
