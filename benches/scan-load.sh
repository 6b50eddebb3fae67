#!/usr/bin/env bash
# Scan to verdict under load: 32 clients post scans of a handheld, each answered with its verdict once the record
# (scan, device use, audit rows) is durable. Prints requests a second, median and p99 for SQLite and PostgreSQL.
#
# benches/scan-load.sh [SECONDS]; needs the optimised programs (./tessera build) and Debian's wrk. PostgreSQL is measured
# where TESSERA_TEST_POSTGRES names a cluster in which a database may be created.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
seconds="${1:-20}"
procedures=300
tessera="target/release/tessera"
[ -x "$tessera" ] || { echo "Build first: ./tessera build" >&2; exit 1; }
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }
folder="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/key"

# User and system time of the server so far, in clock ticks.
processor_time() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }
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
  PROCEDURES=""
  export TOKEN="$nurse"
  curl -sf -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' "$base/api/v1/sites" \
    -d '{"ods_code":"RXX01","name":"Bench","organisation":"RXX"}' > /dev/null
  # Many procedures, as in a hospital: a real one holds a dozen scans, not the whole run's.
  for ((nth = 0; nth < procedures; nth++)); do
    local id; id="$(uuid)"
    curl -sf -H "Authorization: Bearer $nurse" -H 'Content-Type: application/json' "$base/api/v1/procedures" \
      -d "{\"id\":\"$id\",\"patient\":{\"temporary\":\"BENCH-$nth\"},\"site\":\"RXX01\",\"theatre\":\"1\",\"opcs4\":\"K60.5\",\"started_at\":\"2026-01-01T09:00:00Z\"}" > /dev/null
    PROCEDURES+=" $id"
  done
  export PROCEDURES
  wrk -t2 -c32 -d3s -s benches/scan.lua "$base" > /dev/null
  local before after
  before="$(processor_time)"
  wrk -t2 -c32 -d"${seconds}s" --timeout 20s -s benches/scan.lua "$base" | tail -n 1 > "$folder/$name.line"
  after="$(processor_time)"
  # The server's processor time for each request varies less with what else the machine does than its wall time.
  awk -v name="$name" -v ticks="$((after - before))" -v hertz="$(getconf CLK_TCK)" '
    { printf "%-11s%s; %.2f ms of the server'"'"'s processor time each\n", name, $0, ticks / hertz * 1000 / $1 }' "$folder/$name.line"
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
