#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manual pages of the programs have every option, exit status, command, fault and metric that there is, and no other.
set -u
export LC_ALL=C.UTF-8
src=${srcdir:-$(dirname "$0")/../..}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# same WHAT PAGE WHERE: the words of $work/are, which are WHERE, are those of $work/page
same() {
	sort -u "$work/are" >"$work/are.sorted"
	sort -u "$work/page" >"$work/page.sorted"
	if [ ! -s "$work/are.sorted" ]; then
		echo "FAILED: no $1 found $3"
		failures=$((failures + 1))
	elif ! diff -u --label "$1 $3" --label "$1 in doc/$2" "$work/are.sorted" "$work/page.sorted"; then
		failures=$((failures + 1))
	fi
}

# section PAGE NAME: its lines
section() {
	awk -v name="$2" '/^\.S[hs] / { on = ($0 ~ "^\\.S[hs] " name "$") } on' "$src/doc/$1"
}

# words MACRO: what the heads of the list on standard input have behind it
words() {
	grep '^\.It ' | grep -oE -- "(^\.It |, )($1 )?[a-z][a-z_-]*" | sed -E 's/.* //'
}

# program NAME PAGE SOURCE: one option may stand in several lines of its help, and must in one of the page's lists
program() {
	"./$1" --help >"$work/help" || failures=$((failures + 1))
	grep '^\.It .*Fl -' "$src/doc/$2" | grep -oE -- 'Fl -[a-z][a-z-]*' | sed 's/^Fl -//' >"$work/page"
	grep -oE -- '--[a-z][a-z-]*' "$work/help" | sed 's/^--//' >"$work/are"
	same options "$2" "in $1 --help"
	grep -oE '\{ "[a-z-]+", ([01]|no_argument|required_argument),' "$src/$3" | cut -d '"' -f 2 >"$work/are"
	same options "$2" "in $3"
	section "$2" 'EXIT STATUS' | sed -nE 's/^\.It ([0-9]+)$/\1/p' >"$work/page"
}

program celltlsd celltlsd.8 src/main.c
grep -E '^enum \{ EXIT_' "$src/src/main.c" | grep -oE '= [0-9]+' | sed 's/= //' >"$work/are"
same 'exit statuses' celltlsd.8 'in src/main.c'

program celltlsctl celltlsctl.1 src/ctl/main.c
sed -nE 's/^  ([0-9])  .*/\1/p' "$work/help" >"$work/are"
same 'exit statuses' celltlsctl.1 'in celltlsctl --help'
grep -oE 'CTL_[A-Z_]+ = [0-9]+' "$src/src/ctl/ctl.h" | sed 's/.*= //' >"$work/are"
same 'exit statuses' celltlsctl.1 'in src/ctl/ctl.h'
sed -nE 's/^  ([a-z]+) .*/\1/p' "$work/help" >"$work/are"
section celltlsctl.1 COMMANDS | words Cm >"$work/page"
same commands celltlsctl.1 'in celltlsctl --help'
sed -nE 's/.*"(celltls_[a-z_]+)".*/\1/p' "$src/src/ctl/metrics.c" >"$work/are"
section celltlsctl.1 METRICS | words Li >"$work/page"
same metrics celltlsctl.1 'in src/ctl/metrics.c'

program celltls-sim celltls-sim.1 tests/sim/main.c
sed -nE 's/.*(exit\(|return )([0-9])(\)|;$).*/\2/p' <(sed -n '/^die(/,$p' "$src/tests/sim/main.c") >"$work/are"
same 'exit statuses' celltls-sim.1 'in tests/sim/main.c'
{ echo none; sed -nE 's/^\t\{ "([a-z-]+)", [A-Z]+, AT.*/\1/p' "$src/tests/sim/fault.c"; } >"$work/are"
section celltls-sim.1 FAULTS | words Cm >"$work/page"
same faults celltls-sim.1 'in tests/sim/fault.c'
{
	sed -n '/^event(/,/^}/p' "$src/tests/sim/control.c" | grep -oE '\{ "[a-z-]+' | cut -d '"' -f 2
	sed -n '/^run_line(/,/^}/p' "$src/tests/sim/control.c" | grep -oE '(line, )"[a-z-]+' | cut -d '"' -f 2
} >"$work/are"
section celltls-sim.1 CONTROL | words Cm >"$work/page"
same 'control commands' celltls-sim.1 'in tests/sim/control.c'
sed -n '/^#define SIM_COUNTERS/,/[^\\]$/p' "$src/tests/sim/module.h" | grep -oE '\bX\([a-z_]+' | sed 's/.*(//' >"$work/are"
section celltls-sim.1 COUNTERS | words Cm >"$work/page"
same counters celltls-sim.1 'in tests/sim/module.h'

# clean: by what there is to look at them with
for page in "$src"/doc/*.[1-8]; do
	: >"$work/said"
	! command -v mandoc >/dev/null || mandoc -T lint -W warning "$page" >"$work/said" 2>&1
	! command -v man >/dev/null || man --warnings -l -Tutf8 -Z "$page" 2>>"$work/said" >/dev/null
	if [ -s "$work/said" ]; then
		cat "$work/said"
		failures=$((failures + 1))
	fi
done
[ "$failures" -eq 0 ]
