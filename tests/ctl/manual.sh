#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# celltlsctl(1) has every command, option and exit status of celltlsctl --help, and no other.
# shellcheck source=tests/ctl/lib.sh
. "${srcdir:-$(dirname "$0")/../..}/tests/ctl/lib.sh"
work=$(mktemp -d)
page=$top/doc/celltlsctl.1

"$build/celltlsctl" --help >"$work/help" || exit 1

same() {
	sort -u "$work/help.$1" >"$work/help.sorted"
	sort -u "$work/page.$1" >"$work/page.sorted"
	[ -s "$work/help.sorted" ] || fail "no $1 in the help"
	diff -u --label "$1 of --help" --label "$1 of celltlsctl(1)" "$work/help.sorted" "$work/page.sorted" || fail "$1"
}

# section NAME: the page's lines of it
section() {
	sed -n "/^\.S[hs] $1/,/^\.S[hs] /p" "$page"
}

sed -nE 's/^  ([a-z]+) .*/\1/p' "$work/help" >"$work/help.commands"
section COMMANDS | sed -nE 's/^\.It Cm ([a-z]+).*/\1/p' >"$work/page.commands"
same commands

grep -oE -- '--[a-z-]+' "$work/help" | sed 's/^--//' >"$work/help.options"
section OPTIONS | sed -nE 's/^\.It Fl -([a-z-]+).*/\1/p' >"$work/page.options"
same options

sed -nE 's/^  ([0-9])  .*/\1/p' "$work/help" >"$work/help.statuses"
section 'EXIT STATUS' | sed -nE 's/^\.It ([0-9])$/\1/p' >"$work/page.statuses"
same statuses

# every metric is described
sed -nE 's/.*"(celltls_[a-z_]+)".*/\1/p' "$top/src/ctl/metrics.c" >"$work/help.metrics"
section METRICS | sed -nE 's/^\.It Li (celltls_[a-z_]+).*/\1/p' >"$work/page.metrics"
same metrics
finish
