"""What others take for the same curves: lifelines, polars and DuckDB (with NumPy for the products), on the CSV the benchmark wrote.

    cargo bench --manifest-path benches/analysis/Cargo.toml -- 1000000 /tmp/implants.csv
    pip install lifelines polars duckdb && python3 benches/analysis/peers.py /tmp/implants.csv
"""

import sys
import time

import duckdb
import numpy as np
import polars as pl
from lifelines import KaplanMeierFitter
from scipy.stats import norm

Z = norm.ppf(0.975)


def timed(what, work, runs=3):
    least = min(_cpu(work) for _ in range(runs))
    print(f"{what:<58} {least:>10.1f} ms of CPU, least of {runs}")


def _cpu(work):
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1e3


def intervals(n, d):
    surv = np.cumprod(1 - d / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.cumsum(d / (n * (n - d))))
        wide = np.exp(Z * se / np.log(surv))
        return surv, surv ** (1 / wide), surv**wide


def from_counts(device, gone, died):
    for part in np.split(np.arange(len(device)), np.flatnonzero(np.diff(device)) + 1):
        at_risk = gone[part][::-1].cumsum()[::-1]
        steps = died[part] > 0
        intervals(at_risk[steps], died[part][steps])


def with_polars(frame):
    counts = frame.group_by("device", "days").agg(pl.len().alias("gone"), pl.col("event").sum()).sort("device", "days")
    from_counts(*(counts[name].to_numpy().astype(float) for name in ("device", "gone", "event")))


def with_duckdb(connection):
    counts = connection.execute(
        "SELECT device, days, count(*) AS gone, sum(event) AS event FROM implants GROUP BY ALL ORDER BY device, days"
    ).fetchnumpy()
    from_counts(*(np.asarray(counts[name], dtype=float) for name in ("device", "gone", "event")))


def with_lifelines(frame):
    for (_,), part in frame.group_by("device"):
        KaplanMeierFitter().fit(part["days"].to_numpy(), part["event"].to_numpy())


path = sys.argv[1]
frame = pl.read_csv(path)
connection = duckdb.connect()
connection.execute("CREATE TABLE implants AS SELECT * FROM read_csv(?)", [path])
print(f"{len(frame)} implants, {frame['device'].n_unique()} devices")
timed("polars GROUP BY, then NumPy", lambda: with_polars(frame))
timed("DuckDB GROUP BY, then NumPy", lambda: with_duckdb(connection))
timed("lifelines KaplanMeierFitter", lambda: with_lifelines(frame), runs=1)
