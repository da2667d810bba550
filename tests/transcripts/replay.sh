#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All transcripts; the build's own folder takes the traces that they write.
exec tests/transcripts/replay "${srcdir:-.}"/tests/transcripts/*/*.at
