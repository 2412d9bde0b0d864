"""Arrow streams of Polars and PyArrow, and what they read of ours: `arrow_streams.py FOLDER`."""

import datetime
import decimal
import json
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc

folder = Path(sys.argv[1])
instant = datetime.datetime(2024, 1, 31, 12, 0, 0, 123456)
day = datetime.date(2024, 1, 31)

frame = pl.DataFrame(
    {
        "s": ["a view that is longer than twelve bytes", None],
        "n": [1, None],
        "l": [[1, None], None],
        "t": [instant, None],
        "z": [instant.replace(tzinfo=datetime.timezone.utc), None],
        "d": [day, None],
        "x": [decimal.Decimal("-1.25"), None],
        "c": pl.Series(["x", None], dtype=pl.Categorical),
        "o": [{"a": 1, "b": None}, None],
        "b": [b"\x00\xff", None],
    }
)
frame.write_ipc_stream(folder / "polars.arrows")
frame.write_ipc(folder / "polars.arrow")

table = pa.table(
    {
        "m": pa.array([[("a", 1), ("b", None)], None], pa.map_(pa.string(), pa.int64())),
        "s": pa.array(["x", None], pa.large_string()),
        "l": pa.array([[1.5], None], pa.large_list(pa.float64())),
        "f": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)),
        "u": pa.array([2**64 - 1, None], pa.uint64()),
        "x": pa.array([decimal.Decimal("1.5"), None], pa.decimal256(30, 2)),
        "t": pa.array([1700000000123, None], pa.timestamp("ms")),
        "c": pa.array(["p", None]).dictionary_encode(),
        "v": pa.nulls(2),
    }
)
for name, options in {"pyarrow": None, "compressed": ipc.IpcWriteOptions(compression="zstd")}.items():
    with ipc.new_stream(folder / f"{name}.arrows", table.schema, options=options) as stream:
        stream.write_table(table)

ours = ipc.open_stream(folder / "ours.arrows").read_all()
ours.validate(full=True)
same = pl.read_ipc_stream(folder / "ours.arrows").drop("m").equals(pl.from_arrow(ours.drop_columns(["m"])), null_equal=True)
print(json.dumps({"rows": ours.to_pylist(), "types": [str(kind) for kind in ours.schema.types], "same": same}, default=str))
