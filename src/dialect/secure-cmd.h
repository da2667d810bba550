/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secure-cmd.h - the signed binary commands of Cinterion's certificate store, as bytes
 *
 * Pure: no module, no wire, no cryptography.  What the public record leaves open is
 * assumed, each assumption by its number (A-nn of the notes) where secure-cmd.c has it:
 *
 *   A-01  the numbers of a frame are big-endian                        put_u16(), u16()
 *   A-02  lengths count themselves; id and length are 16 bit; no padding     HEAD, UNIT
 *   A-03  the index is one byte; 1, 2 or 4 are read                    INDEX_BYTES
 *   A-04  the IMEI is 15 digits and a NUL                                IMEI_BYTES
 *   A-05  the signature is base64, padded, unbroken, then a NUL       put_signature()
 *   A-06  RSASSA-PKCS1-v1_5 with SHA-1                       whoever is given as sign
 *   A-07  slot 0 is verified by what it held before               the caller's choice
 *   A-08  slot 0 is deleted last                            cinterion.c, delete_cmd()
 *   A-09  what the result lines mean                     cinterion.c, its error table
 *   A-10  time limits                                         cinterion.c, STORE_MS
 *   A-11  an OK follows each result line, or none              cinterion.c, AT_TRAILED
 *   A-12  the frame that READ brings is raw; its signature is not looked at  decode()
 *   A-13  a private key is unencrypted PKCS#8 in DER              the caller's bytes
 *   A-14  units in any order are read, the signature last                   decode()
 */
#ifndef CELLTLS_DIALECT_SECURE_CMD_H
#define CELLTLS_DIALECT_SECURE_CMD_H

#include <stddef.h>
#include <stdint.h>

#define SECURE_INDEX_MAX 10	    /* 0: the client's certificate */
#define SECURE_CERTIFICATE_MAX 2048 /* bytes of DER */
#define SECURE_KEY_MAX 4096
#define SECURE_REPLY_MAX 2752	    /* the longest frame that a module answers READ with */

enum secure_id { SECURE_WRITE = 1, SECURE_READ = 2, SECURE_DELETE = 3 };

struct secure_cmd {
	enum secure_id id;
	int index;
	const char *imei;   /* 15 digits; of a reply NULL */
	const uint8_t *cert; /* of WRITE and of a reply */
	size_t cert_len;
	const uint8_t *key; /* of WRITE to index 0; NULL: none */
	size_t key_len;
};

/* As slot_op.sign. */
typedef int secure_sign(void *arg, const void *bytes, size_t len, uint8_t *sig, size_t *ret_len);

/*
 * The whole frame.  0; -EINVAL: an index, IMEI or key that no command may carry; -EMSGSIZE: a
 * certificate or key longer than the module takes, or the frame than size; or what sign returned.
 */
int secure_cmd_encode(const struct secure_cmd *, secure_sign *sign, void *arg, uint8_t *dst, size_t size, size_t *ret_len);

/*
 * How long a reply will be, by its first bytes: *ret_len.  0: more of them are needed, 1: known;
 * -EBADMSG: this is not the beginning of one.  A line of text begins otherwise.
 */
int secure_cmd_length(const uint8_t *head, size_t len, size_t *ret_len);

/* Base64, padded and unbroken; dst: four bytes for each three begun, and a NUL. */
void secure_cmd_base64(const uint8_t *bytes, size_t len, char *dst);

/* The reply to READ, to the byte; ret points into it.  0 or -EBADMSG. */
int secure_cmd_decode(const uint8_t *frame, size_t len, struct secure_cmd *ret);

#endif
