#!/usr/bin/env bash
# Counts the instructions of one reading with callgrind: repeatable, whatever else the machine does.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
cargo build --release --quiet --bin once
target="${CARGO_TARGET_DIR:-target}/release/once"
count() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$target" "$1" "$2" 2>&1 | sed -nE 's/.*Collected : ([0-9]+).*/\1/p'; }
for what in udi six udi-new link link-new; do
  none="$(count "$what" 0)"
  many="$(count "$what" 1000)"
  printf '%-8s %d instructions\n' "$what" $(((many - none) / 1000))
done
