"""Writes Parquet files of drawn nested columns, and what their values are as JSON: argv is the folder and the seed."""

import json
import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

folder, seed = sys.argv[1], int(sys.argv[2])
draw = random.Random(seed)
SECOND = 1_700_000_000_000_000_000


def leaf(kind):
    if kind == "int":
        return pa.int64(), lambda: draw.randint(-5, 5), lambda v: v
    if kind == "text":
        return pa.string(), lambda: draw.choice(["", "a", 'q"', "é,\\", "NaN"]), lambda v: v
    zone = "UTC" if kind == "utc" else None
    digits = lambda: draw.choice([0, 0, 1, 1000, 123_456_000, 123_456_789, 999_999_999])
    return pa.timestamp("ns", tz=zone), lambda: SECOND + digits(), lambda v: instant(v, zone)


def instant(value, zone):
    fraction = f".{value % 10**9:09}".rstrip("0").rstrip(".")
    return f"2023-11-14 22:13:20{fraction}{'+00' if zone else ''}"


def nested(depth):
    """A type, how a value is drawn, and its value as JSON has it."""
    kind = draw.choice(["list", "struct", "map"] if depth == 0 else ["list", "struct", "map"] + ["leaf"] * depth * 2)
    if kind == "leaf":
        return leaf(draw.choice(["int", "text", "plain", "utc"]))
    if kind == "list":
        inner, one, shown = optional(nested(depth + 1))
        return pa.list_(inner), lambda: [one() for _ in range(draw.randint(0, 3))], lambda v: [shown(x) for x in v]
    if kind == "map":
        inner, one, shown = optional(nested(depth + 1))
        keys = lambda: draw.sample(["a", "b", "c", ""], draw.randint(0, 3))
        in_order = lambda v: {key: shown(x) for key, x in sorted(v)}
        return pa.map_(pa.string(), inner), lambda: [(key, one()) for key in keys()], in_order
    members = {name: optional(nested(depth + 1)) for name in ["x", "a b", "Y"][: draw.randint(1, 3)]}
    made = lambda: {name: one() for name, (_, one, _) in members.items()}
    shown = lambda v: {name: told(v[name]) for name, (_, _, told) in sorted(members.items())}
    return pa.struct([(name, inner) for name, (inner, _, _) in members.items()]), made, shown


def shuffled(kind):
    """A type whose structs have their members in another order, at any depth."""
    if pa.types.is_list(kind):
        return pa.list_(shuffled(kind.value_type))
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, shuffled(kind.item_type))
    if not pa.types.is_struct(kind):
        return kind
    fields = [(field.name, shuffled(field.type)) for field in kind]
    draw.shuffle(fields)
    return pa.struct(fields)


def optional(drawn):
    kind, one, shown = drawn
    return kind, lambda: None if draw.random() < 0.2 else one(), lambda v: None if v is None else shown(v)


ROWS = 8
columns, expected = {"id": pa.array(range(ROWS), pa.int64())}, {}
others = dict(columns)
for index in range(12):
    kind, one, shown = optional(nested(0))
    values = [one() for _ in range(ROWS)]
    columns[f"c{index}"] = pa.array(values, kind)
    others[f"c{index}"] = pa.array(values, shuffled(kind))
    expected[f"c{index}"] = [shown(value) for value in values]
for name, table in [("", pa.table(columns)), ("-shuffled", pa.table(others))]:
    pq.write_table(table, f"{folder}/int64{name}.parquet")
    pq.write_table(table, f"{folder}/int96{name}.parquet", use_deprecated_int96_timestamps=True)
with open(f"{folder}/expected.json", "w", encoding="utf-8") as file:
    json.dump(expected, file)
