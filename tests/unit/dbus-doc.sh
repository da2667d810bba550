#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# org.celltls1(5) has every member of the interfaces with its types, every error and every word of Statistics(), and no other.
set -eu
src=${srcdir:-.}
page=$src/doc/org.celltls1.5
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# "method Command su s", "property State s", by interface
of_interface() {
	awk -v RS='<' -v name="${1##*.}" '
	function attribute(key,   text) {
		if (!match($0, key "=\"[^\"]*\""))
			return ""
		text = substr($0, RSTART, RLENGTH)
		gsub(key "=|\"", "", text)
		return text
	}
	/^method / { method = attribute("name"); from = to = ""; if (/\/>/) { print name, "method", method, "-", "-"; method = "" } }
	/^arg / { if (attribute("direction") == "out") to = to attribute("type"); else from = from attribute("type") }
	/^\/method/ { print name, "method", method, from ? from : "-", to ? to : "-"; method = "" }
	/^property / { print name, "property", attribute("name"), attribute("type"), "-" }
	' "$2"
}

for xml in "$src"/dbus/org.celltls1.*.xml; do
	name=${xml##*/org.celltls1.}
	of_interface "${name%.xml}" "$xml"
done | sort >"$dir/interfaces"

# The same out of the page: .It Sy Name Li s[ , Sy Name Li s]..., .It Fn Name ["t name"]... [No \(-> Li t]
awk '
/^\.Ss / { name = $2; depth = 0; next }
/^\.Sh / { name = "" }
name == "" { next }
/^\.Bl / { depth++ }
/^\.El/ { depth-- }
depth != 1 { next }
/^\.It Sy / {
	for (i = 2; i <= NF; i++)
		if ($i == "Sy")
			print name, "property", $(i + 1), $(i + 3), "-"
}
/^\.It Fn / {
	method = $3
	from = to = ""
	rest = $0
	while (match(rest, /"[a-z{}]+ [a-z_]+"/)) {
		from = from substr(rest, RSTART + 1, index(substr(rest, RSTART), " ") - 2)
		rest = substr(rest, RSTART + RLENGTH)
	}
	for (i = 4; i <= NF; i++)
		if ($i == "Li")
			to = $(i + 1)
	print name, "method", method, from ? from : "-", to ? to : "-"
}' "$page" | sort >"$dir/page"

if ! diff -u "$dir/interfaces" "$dir/page" >"$dir/diff"; then
	echo 'doc/org.celltls1.5 (+) says other members than dbus/*.xml (-):'
	grep '^[-+][A-Z]' "$dir/diff"
	exit 1
fi

# What only the code names.
sed -n 's/^\.It Er //p' "$page" | sort >"$dir/page"
sed -n '/^error_name(/,/^}/p' "$src/src/bus/bus-call.c" | grep -o '"[A-Z][A-Za-z]*"' | tr -d '"' | sort >"$dir/errors"
diff -u "$dir/errors" "$dir/page" || { echo 'doc/org.celltls1.5 (+) names other errors than the bus (-)'; exit 1; }
missing=0
for word in $(grep -o '"[A-Za-z_]*"' "$src/src/bus/bus-statistics.c" | tr -d '"' | grep -v '^[st]$'); do
	sed -n '/Fn Statistics/,/^\.Ss/p' "$page" | grep -qw -- "$word" || { echo "doc/org.celltls1.5: Statistics() has \"$word\" too"; missing=1; }
done
exit $missing
