/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-tls.c - TLS by OpenSSL on the sockets of far-openssl.c
 */
#include "far-tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"
#include "far-leaf.h"
#include "far-openssl.h"

struct far_session {
	SSL_SESSION *session;
};

static void
note(struct conn *c, const char *what)
{
	char text[256], reason[128] = "";
	unsigned long e = ERR_peek_last_error();

	if (e)
		ERR_error_string_n(e, reason, sizeof(reason));
	snprintf(text, sizeof(text), "far: %s%s%s", what, *reason ? ": " : "", reason);
	far_net_log(c->net, text);
	ERR_clear_error();
}

/* Suites by number; the names are OpenSSL's. */

static const struct {
	uint16_t number;
	const char *name;
} suites[] = {
	{ 0x0001, "NULL-MD5" },	   { 0x0002, "NULL-SHA" },     { 0x0004, "RC4-MD5" },	 { 0x0005, "RC4-SHA" },
	{ 0x0009, "DES-CBC-SHA" }, { 0x000A, "DES-CBC3-SHA" }, { 0x002F, "AES128-SHA" }, { 0x0035, "AES256-SHA" },
};

const char *
far_openssl_suite_name(uint16_t suite)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].number == suite)
			return suites[i].name;
	return "unknown";
}

bool
far_openssl_can(uint16_t suite)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char list[64];
	bool can;

	snprintf(list, sizeof(list), "%s:@SECLEVEL=0", far_openssl_suite_name(suite));
	can = ctx && SSL_CTX_set_cipher_list(ctx, list) == 1;
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return can;
}

/* Setting up. */

static int
verify_cb(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct conn *c = SSL_get_app_data(ssl);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);

	if (ok && c->max_cert && cert && i2d_X509(cert, NULL) > (int)c->max_cert) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
		ok = 0;
	}
	if (!ok && !c->bad_cert) {
		c->bad_cert = true;
		c->bad_leaf = X509_STORE_CTX_get0_cert(store);
		X509_up_ref(c->bad_leaf);
	}
	return ok;
}

/* Sees the header of each record before it is decrypted. */
static void
record_cb(int write_p, int version, int type, const void *bytes, size_t len, SSL *ssl, void *arg)
{
	const uint8_t *head = bytes;
	struct conn *c = arg;

	(void)version;
	(void)ssl;
	if (write_p || type != SSL3_RT_HEADER || len < 5 || !c->max_record)
		return;
	if ((size_t)(head[3] << 8 | head[4]) > c->max_record)
		c->bad_record = true;
}

static X509 *
read_cert(BIO *in, bool der)
{
	return der ? d2i_X509_bio(in, NULL) : PEM_read_bio_X509(in, NULL, NULL, NULL);
}

static bool
is_der(const struct far_item *item)
{
	return *(const uint8_t *)item->bytes == 0x30;
}

static bool
use_cert(struct conn *c, const struct far_item *item, bool ca)
{
	BIO *in = BIO_new_mem_buf(item->bytes, (int)item->len);
	X509 *cert = read_cert(in, is_der(item));
	bool good;

	if (ca)
		good = cert && X509_STORE_add_cert(SSL_CTX_get_cert_store(c->ctx), cert) == 1;
	else
		good = cert && SSL_CTX_use_certificate(c->ctx, cert) == 1;
	X509_free(cert);
	BIO_free(in);
	return good;
}

static bool
use_key(struct conn *c, const struct far_item *item)
{
	BIO *in = BIO_new_mem_buf(item->bytes, (int)item->len);
	EVP_PKEY *key = is_der(item) ? d2i_PrivateKey_bio(in, NULL) : PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	bool good = key && SSL_CTX_use_PrivateKey(c->ctx, key) == 1;

	EVP_PKEY_free(key);
	BIO_free(in);
	return good;
}

static bool
use_items(struct conn *c, const struct far_params *p)
{
	for (size_t i = 0; i < p->n_ca; i++)
		if (p->ca[i].len && !use_cert(c, &p->ca[i], true))
			return false;
	return (!p->cert.len || use_cert(c, &p->cert, false)) && (!p->key.len || use_key(c, &p->key));
}

static void
set_checks(X509_VERIFY_PARAM *param, const struct far_params *p)
{
	if (p->now_s)
		X509_VERIFY_PARAM_set_time(param, (time_t)p->now_s);
	else
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
	if (p->partial)
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
}

bool
far_tls_make(struct conn *c, const struct far_params *p)
{
	char list[256] = "";

	ERR_clear_error(); /* what note() tells is of this connection */
	c->ctx = SSL_CTX_new(TLS_client_method());
	for (size_t i = 0; i < p->n_suites; i++)
		str_add(list, sizeof(list), "%s:", far_openssl_suite_name(p->suites[i]));
	str_add(list, sizeof(list), "@SECLEVEL=0");
	/* no tickets: what these modules resume is a session id */
	SSL_CTX_set_options(c->ctx, SSL_OP_NO_TICKET | SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(c->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_set_min_proto_version(c->ctx, p->min_version);
	SSL_CTX_set_max_proto_version(c->ctx, p->max_version);
	if (SSL_CTX_set_cipher_list(c->ctx, list) != 1) {
		note(c, "no such cipher suite in this OpenSSL");
		c->why = FAR_HANDSHAKE;
		return false;
	}
	if (!use_items(c, p)) {
		note(c, "stored certificate or key cannot be used");
		c->why = FAR_ITEMS;
		return false;
	}
	SSL_CTX_set_verify(c->ctx, p->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, p->verify ? verify_cb : NULL);
	set_checks(SSL_CTX_get0_param(c->ctx), p);
	c->ssl = SSL_new(c->ctx);
	SSL_set_app_data(c->ssl, c);
	SSL_set_connect_state(c->ssl);
	if (c->max_record) {
		SSL_set_msg_callback(c->ssl, record_cb);
		SSL_set_msg_callback_arg(c->ssl, c);
	}
	if (p->resume)
		SSL_set_session(c->ssl, p->resume->session);
	return true;
}

void
far_tls_start(struct conn *c)
{
	SSL_set_fd(c->ssl, c->fd);
}

int
far_tls_handshake(struct conn *c)
{
	int r, e;

	ERR_clear_error();
	r = SSL_do_handshake(c->ssl);
	if (r == 1)
		return 1;
	e = SSL_get_error(c->ssl, r);
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) {
		c->want_read = e == SSL_ERROR_WANT_READ;
		c->want_write = !c->want_read;
		return 0;
	}
	note(c, "handshake failed");
	return -1;
}

void
far_tls_describe(const struct conn *c, struct far_opened *how)
{
	how->suite = (uint16_t)SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(c->ssl));
	how->version = (uint16_t)SSL_version(c->ssl);
	how->resumed = SSL_session_reused(c->ssl);
}

bool
far_tls_leaf(const struct conn *c, struct far_leaf *leaf)
{
	const X509 *cert = c->bad_leaf ? c->bad_leaf : SSL_get0_peer_certificate(c->ssl);

	if (!cert || SSL_session_reused(c->ssl))
		return false;
	far_leaf_read(leaf, cert);
	return true;
}

/* Data. */

bool
far_tls_has_pending(const struct conn *c)
{
	return SSL_has_pending(c->ssl);
}

static enum far_end
end_of(int error)
{
	return error == SSL_ERROR_ZERO_RETURN ? FAR_CLOSED : error == SSL_ERROR_SYSCALL ? FAR_ABORTED : FAR_BROKEN;
}

ssize_t
far_tls_read(struct conn *c, void *bytes, size_t size, enum far_end *how)
{
	int n, e;

	ERR_clear_error();
	n = SSL_read(c->ssl, bytes, size > 1 << 30 ? 1 << 30 : (int)size);
	if (c->bad_record) {
		*how = FAR_BROKEN;
		return -1;
	}
	if (n > 0)
		return n;
	e = SSL_get_error(c->ssl, n);
	if (e == SSL_ERROR_WANT_READ)
		return 0;
	if (e == SSL_ERROR_WANT_WRITE) {
		c->read_needs_write = true;
		return 0;
	}
	*how = end_of(e);
	if (e == SSL_ERROR_SSL)
		note(c, "bad record");
	return -1;
}

int
far_tls_peek(struct conn *c, enum far_end *how)
{
	char peek[1];
	int r, e;

	ERR_clear_error();
	r = SSL_peek(c->ssl, peek, 1);
	if (c->bad_record) {
		*how = FAR_BROKEN;
		return -1;
	}
	if (r > 0)
		return r;
	e = SSL_get_error(c->ssl, r);
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return 0;
	*how = end_of(e);
	return -1;
}

ssize_t
far_tls_write(struct conn *c, const void *bytes, size_t len)
{
	int r;

	if (len > SSL3_RT_MAX_PLAIN_LENGTH)
		len = SSL3_RT_MAX_PLAIN_LENGTH;
	ERR_clear_error();
	r = SSL_write(c->ssl, bytes, (int)len);
	if (r > 0)
		return r;
	if (SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_WRITE)
		return -1;
	if (c->pending)
		return 0;
	c->pending = xmemdup(bytes, len);
	c->pending_len = len;
	return (ssize_t)len;
}

bool
far_tls_flush(struct conn *c)
{
	if (!c->pending)
		return true;
	if (far_tls_write(c, c->pending, c->pending_len) == 0)
		return false;
	free(c->pending);
	c->pending = NULL;
	return true;
}

/* The end, and what is left of it. */

struct far_session *
far_tls_session(const struct conn *c)
{
	struct far_session *s;

	if (!SSL_get0_session(c->ssl))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->session = SSL_get1_session(c->ssl);
	return s;
}

void
far_tls_session_free(struct far_session *s)
{
	SSL_SESSION_free(s->session);
	free(s);
}

bool
far_tls_notify(struct conn *c)
{
	int r;

	if (!far_tls_flush(c))
		return false;
	ERR_clear_error();
	r = SSL_shutdown(c->ssl);
	return r >= 0 || SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_WRITE;
}

void
far_tls_shutdown(struct conn *c)
{
	if (!(c->ended && c->aborted))
		SSL_shutdown(c->ssl);
	SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); /* stays resumable */
	ERR_clear_error();
}

void
far_tls_free(struct conn *c)
{
	free(c->pending);
	X509_free(c->bad_leaf);
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	ERR_clear_error();
}
