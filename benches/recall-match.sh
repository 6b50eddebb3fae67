#!/usr/bin/env bash
# From lots to shelves and patients: asks `$recall-match` for one device and 50 of its lots, for one device after the other,
# and prints median and p99 of the whole answer over HTTP, in milliseconds.
#
# benches/recall-match.sh DATABASE [QUESTIONS]; DATABASE is a loaded registry (tessera import synthetic), as sqlite:PATH or
# postgres://…; two users are added to it. Needs the optimised program (./tessera build), curl, and sqlite3 or psql.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
database="${1:?which registry? sqlite:PATH or postgres://…}"
questions="${2:-300}"
tessera="${TESSERA:-target/release/tessera}"
[ -x "$tessera" ] || { echo "Build first: ./tessera build" >&2; exit 1; }
folder="$(mktemp -d)"
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$folder/key"

ask() {
  case "$database" in
    sqlite:*) sqlite3 -readonly "${database#sqlite:}" "$1" ;;
    *) psql -qAt "$database" -c "$1" ;;
  esac
}

user="bench-$(date +%s)"
printf 'a password for the bench' | "$tessera" user add --database "$database" --username "$user" --role safety --password-stdin > /dev/null
token="$("$tessera" user token --database "$database" --username "$user")"
RUST_LOG=warn "$tessera" serve --database "$database" --key-file "$folder/key" --listen 127.0.0.1:0 > "$folder/out" 2> "$folder/err" &
server=$!
# A server that cannot start would be waited for until the end of days.
until grep -q '^listening on ' "$folder/out"; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/err" >&2; echo "The server did not start." >&2; exit 1; }
  sleep 0.1
done
base="$(sed -n 's/^listening on //p' "$folder/out")"

# Every device once, from one end of the catalogue to the other.
ask "SELECT DISTINCT identifier FROM product_identifiers WHERE kind = 'primary' ORDER BY identifier LIMIT $questions" > "$folder/devices"
while read -r device; do
  lots="$(ask "SELECT DISTINCT lot FROM device_uses WHERE identifier = '$device' AND lot IS NOT NULL ORDER BY lot LIMIT 50")"
  [ -n "$lots" ] || continue
  # A device with fewer lots is asked for some that nobody has.
  # The pipe is read to its end: with pipefail, closing it early would end the measurement.
  { echo "$lots"; seq -f 'NOBODY%g' 50; } |
    awk -v device="$device" 'NR <= 50 { list = list (NR > 1 ? "," : "") "\"" $0 "\"" } END { printf "{\"identifier\":\"%s\",\"lots\":[%s]}", device, list }' > "$folder/question"
  curl -sf --max-time 60 -o "$folder/answer" -w '%{time_total}\n' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    "$base/api/v1/\$recall-match" -d @"$folder/question" >> "$folder/times"
done < "$folder/devices"
sort -n "$folder/times" | awk '{ t[NR] = $1 * 1000 } END {
  printf "%d questions of one device and 50 lots: median %.1f ms, p99 %.1f ms, longest %.1f ms\n", NR, t[int((NR + 1) / 2)], t[int(NR * 0.99 + 0.999)], t[NR] }'
