#!/usr/bin/env bash
# How fast recalls are on a registry of a given size: loads a synthetic one and prints the table of `tessera recall-drill --figures`:
# one device with 50 lots, a notice of 1,000 lines, scans against 10,000 active lines, 93,000 patients, a file of 1,000,000 lots.
#
# benches/recall-figures.sh DATABASE [USES [PRODUCTS [STOCK]]]; DATABASE is a new file as sqlite:PATH, or an empty database as
# postgres://…; it stays, with the recalls that were entered for the measurement. Without numbers: 10 million device uses, 100,000
# products, 1 million stock items. Needs the optimised program (./tessera build), or another in TESSERA.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
database="${1:?which database? sqlite:PATH or postgres://…}"
tessera="${TESSERA:-target/release/tessera}"
[ -x "$tessera" ] || { echo "Build first: ./tessera build" >&2; exit 1; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/key"
"$tessera" import synthetic --database "$database" --key-file "$folder/key" --seed 1 \
  --device-uses "${2:-10000000}" --products "${3:-100000}" --stock "${4:-1000000}"
echo "load: $(cut -d' ' -f1-3 /proc/loadavg)"
"$tessera" recall-drill --copied --figures --database "$database"
echo "load: $(cut -d' ' -f1-3 /proc/loadavg)"
