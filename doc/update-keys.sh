#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the page $1 with the key list that the program $2 makes between its marks.
set -eu
page=$1 program=$2
sed '/^\.\\" BEGIN KEYS/q' "$page"
"$program"
sed -n '/^\.\\" END KEYS/,$p' "$page"
