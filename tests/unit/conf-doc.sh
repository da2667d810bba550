#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The key list of celltls.conf(5) is the one that the table of keys makes.
set -eu
src=${srcdir:-.}
made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$src/doc/update-keys.sh" "$src/doc/celltls.conf.5" ./doc/conf-doc >"$made"
if ! diff -u "$src/doc/celltls.conf.5" "$made"; then
	echo "doc/celltls.conf.5 is older than src/conf/conf-keys.c: run make update-doc" >&2
	exit 1
fi
