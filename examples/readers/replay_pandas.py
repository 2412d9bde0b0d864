"""pandas: the latest state of a table of the lake. For both layouts.

    python replay_pandas.py LAKE TABLE KEY[,KEY...]
"""

import sys
from pathlib import Path

import pandas as pd

ADDED = ["_cdc_operation", "_cdc_timestamp", "_cdc_sequence"]


def read(path):
    # Arrow's types: integers with nulls stay integers, decimals stay exact.
    return pd.read_parquet(path, dtype_backend="pyarrow")


def latest(lake, table, key):
    [full_load] = Path(lake, "full-load").glob(f"**/{table}.parquet")
    rows = read(full_load).set_index(key)
    for file in sorted(Path(lake, "cdc").glob(f"**/{table}_[0-9]*.parquet")):
        # Each key occurs at most once in a file.
        changes = read(file).set_index(key)
        live = changes[changes["_cdc_operation"] != "D"].drop(columns=ADDED)
        rows = pd.concat([rows.drop(changes.index, errors="ignore"), live])
    return rows.reset_index()


if __name__ == "__main__":
    lake, table, key = sys.argv[1:]
    print(latest(lake, table, key.split(",")))
