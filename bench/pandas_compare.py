"""The plain comparison in pandas: read both days whole, merge by key, compare every column."""
import sys
import pandas as pd

last, actual = (pd.read_csv(path) for path in sys.argv[1:3])
merged = last.merge(actual, on="id", how="outer", suffixes=("_last", ""), indicator=True)
both = merged[merged["_merge"] == "both"]
changed = pd.Series(False, index=both.index)
for name in actual.columns.drop("id"):
    old, new = both[f"{name}_last"], both[name]
    changed |= (old != new) & ~(old.isna() & new.isna())
counts = merged["_merge"].value_counts()
print(counts.get("right_only", 0), int(changed.sum()), counts.get("left_only", 0))
