#!/usr/bin/env bash
# Scan to verdict under load: 32 clients post scans of a handheld, each answered with its verdict once the record
# (scan, device use, audit rows) is durable. Prints requests a second, median and p99 for SQLite and PostgreSQL.
#
# benches/scan-load.sh [SECONDS]; needs the optimised programs (./tessera build) and Debian's wrk. PostgreSQL is measured
# where TESSERA_TEST_POSTGRES names a cluster in which a database may be created.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
seconds="${1:-20}"
tessera="target/release/tessera"
[ -x "$tessera" ] || { echo "Build first: ./tessera build" >&2; exit 1; }
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }
folder="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/key"

uuid() { cat /proc/sys/kernel/random/uuid; }

measure() {
  local name="$1" database="$2" base nurse admin
  "$tessera" import catalogue fixtures/catalogue/devices.csv --database "$database" > /dev/null
  printf 'a password for the bench' | "$tessera" user add --database "$database" --username nurse --role nurse --password-stdin > /dev/null
  printf 'a password for the bench' | "$tessera" user add --database "$database" --username admin --role admin --password-stdin > /dev/null
  nurse="$("$tessera" user token --database "$database" --username nurse)"
  admin="$("$tessera" user token --database "$database" --username admin)"
  RUST_LOG=warn "$tessera" serve --database "$database" --key-file "$folder/key" --listen 127.0.0.1:0 > "$folder/$name.out" 2> "$folder/$name.err" &
  server=$!
  until grep -q '^listening on ' "$folder/$name.out"; do sleep 0.1; done
  base="$(sed -n 's/^listening on //p' "$folder/$name.out")"
  PROCEDURE="$(uuid)"
  export PROCEDURE TOKEN="$nurse"
  curl -sf -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' "$base/api/v1/sites" \
    -d '{"ods_code":"RXX01","name":"Bench","organisation":"RXX"}' > /dev/null
  curl -sf -H "Authorization: Bearer $nurse" -H 'Content-Type: application/json' "$base/api/v1/procedures" \
    -d "{\"id\":\"$PROCEDURE\",\"patient\":{\"nhs_number\":\"9434765919\"},\"site\":\"RXX01\",\"theatre\":\"1\",\"opcs4\":\"K60.5\",\"started_at\":\"2026-01-01T09:00:00Z\"}" > /dev/null
  wrk -t2 -c32 -d3s -s benches/scan.lua "$base" > /dev/null
  printf '%-11s' "$name"
  wrk -t2 -c32 -d"${seconds}s" --timeout 20s -s benches/scan.lua "$base" | tail -n 1
  kill "$server"; wait "$server" 2>/dev/null || true
  server=""
}

measure SQLite "sqlite:$folder/registry.db"
if [ -n "${TESSERA_TEST_POSTGRES:-}" ]; then
  psql -q "$TESSERA_TEST_POSTGRES" -c "DROP DATABASE IF EXISTS scan_load WITH (FORCE)" -c "CREATE DATABASE scan_load"
  measure PostgreSQL "${TESSERA_TEST_POSTGRES%/*}/scan_load"
  psql -q "$TESSERA_TEST_POSTGRES" -c "DROP DATABASE scan_load WITH (FORCE)"
else
  echo "PostgreSQL  not measured: TESSERA_TEST_POSTGRES is not set"
fi
