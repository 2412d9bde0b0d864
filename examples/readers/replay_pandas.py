"""pandas: the latest state of a table of the lake. For both layouts, and after a reload.

    python replay_pandas.py LAKE TABLE KEY[,KEY...]
"""

import re
import sys
from pathlib import Path

import pandas as pd

ADDED = ["_cdc_operation", "_cdc_timestamp", "_cdc_sequence"]


def latest(lake, table, key):
    # A reload writes a full-load with a time in its name; only later changes go on from it.
    reloaded, full_load = published(Path(lake, "full-load"), table)[-1]
    changes = [read(path) for time, path in published(Path(lake, "cdc"), table) if time > reloaded]
    rows = read(full_load).set_index(key)
    for change in sorted(changes, key=lambda change: change["_cdc_sequence"].min()):
        # Each key occurs at most once in a file.
        change = change.set_index(key)
        live = change[change["_cdc_operation"] != "D"].drop(columns=ADDED)
        rows = pd.concat([rows.drop(change.index, errors="ignore"), live])
    return rows.reset_index()


def published(folder, table):
    """The table's files with the times in their names, oldest first."""
    name = re.compile(re.escape(table) + r"(|_\d{8}_\d{6})\.parquet")
    files = [(name.fullmatch(path.name), path) for path in folder.rglob("*.parquet")]
    return sorted((match[1], path) for match, path in files if match)


def read(path):
    # Arrow's types: integers with nulls stay integers, decimals stay exact.
    return pd.read_parquet(path, dtype_backend="pyarrow")


if __name__ == "__main__":
    lake, table, key = sys.argv[1:]
    print(latest(lake, table, key.split(",")))
