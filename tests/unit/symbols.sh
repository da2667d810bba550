#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No global name is in two of the libraries: tests/simulation links them all, and of two functions of a name one would be taken for both.
set -eu
nm=${NM:-nm}
if ! command -v "$nm" >/dev/null; then
	echo "there is no $nm here"
	exit 77
fi
# names of the sanitizers and of the compiler begin with "__"
names() {
	"$nm" -g --defined-only "$1" | awk 'NF == 3 && $3 !~ /^__/ { print $3 }' | sort -u
}
all=$(for library in libbase.a libcelltls.a libsim.a; do names "$library"; done)
if [ -z "$all" ]; then
	echo "$nm finds no names" >&2
	exit 1
fi
twice=$(printf '%s\n' "$all" | sort | uniq -d)
if [ -n "$twice" ]; then
	printf 'in more than one library: %s\n' "$twice" >&2
	exit 1
fi
