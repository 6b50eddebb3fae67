-- What PostgreSQL takes to count the same implants, on the CSV the benchmark wrote: psql -v csv=/tmp/implants.csv -f benches/analysis/peers.sql
CREATE TEMPORARY TABLE implants (device int, days int, event int);
\set load '\\copy implants FROM ' :csv ' WITH (FORMAT csv, HEADER)'
:load
ANALYZE implants;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON)
SELECT device, days, count(*), sum(event) FROM implants GROUP BY device, days ORDER BY device, days;
