/* SPDX-License-Identifier: Apache-2.0 */
/*
 * far-leaf.h - a certificate in the texts in which a module prints it
 */
#ifndef SIM_FAR_LEAF_H
#define SIM_FAR_LEAF_H

#include <openssl/x509.h>

#include "far.h"

void far_leaf_read(struct far_leaf *leaf, const X509 *cert); /* what does not fit is cut */

#endif
