"""Writes Parquet files, one a case, with an independent writer: argv[1] is the folder."""

import datetime
import decimal
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

D = decimal.Decimal
folder = sys.argv[1]


def write(name, columns, **options):
    names = [column for column, _ in columns]
    table = pa.Table.from_arrays([values for _, values in columns], names=names)
    pq.write_table(table, f"{folder}/{name}.parquet", **options)


def case(name, values, **options):
    write(name, [("id", pa.array(range(1, len(values) + 1), pa.int64())), ("v", values)], **options)


INSTANT = 1_700_000_000_123_456_000

case("uint64", pa.array([2**64 - 1, 0, None], pa.uint64()))
case("uint32", pa.array([2**32 - 1], pa.uint32()))
case("int8", pa.array([-128, 127], pa.int8()))
case("float16", pa.array(np.array([1.5, float("nan")], dtype=np.float16)))
case("float32", pa.array([0.1, float("-inf"), float("nan")], pa.float32()))
case("decimal38", pa.array([D("1" * 38), D("-1")], pa.decimal128(38, 0)))
case("decimal_int", pa.array([D("1.10")], pa.decimal128(5, 2)), store_decimal_as_integer=True)
case("decimal39", pa.array([D("1.10"), D("-2.50")], pa.decimal256(39, 2)))
case("decimal76", pa.array([D("1.10")], pa.decimal256(76, 38)))
case("decimal_nested", pa.array([[{"x": D("1.10")}]], pa.list_(pa.struct([("x", pa.decimal256(40, 2))]))))
case("dictionary", pa.array(["a", "b"]).dictionary_encode())
case("binary", pa.array([b"abc", b"\xff\x00"], pa.binary()))
case("fixed", pa.array([b"abc"], pa.binary(3)))
case("time_ns", pa.array([3_723_456_789_123], pa.time64("ns")))
case("time_ms", pa.array([datetime.time(1, 2, 3, 456000)], pa.time32("ms")))
case("date", pa.array([datetime.date(1, 1, 1), datetime.date(9999, 12, 31)], pa.date32()))
case("duration", pa.array([datetime.timedelta(seconds=1)]))
case("uuid", pa.array([b"0123456789abcdef"], pa.uuid()))
case("json", pa.array(["1", '{"a":1}'], pa.json_()))
for unit in ["ms", "us", "ns"]:
    scale = {"ms": 10**6, "us": 10**3, "ns": 1}[unit]
    case(f"timestamp_{unit}", pa.array([INSTANT // scale], pa.timestamp(unit)))
    case(f"timestamptz_{unit}", pa.array([INSTANT // scale, -1000], pa.timestamp(unit, tz="America/Sao_Paulo")))
case("timestamp_digits", pa.array([INSTANT + 111], pa.timestamp("ns")))
case("timestamptz_digits", pa.array([INSTANT + 111, INSTANT, None, -1], pa.timestamp("ns", tz="UTC")))
case("timestamptz_digits_later", pa.array([INSTANT + 112, INSTANT, None, -1], pa.timestamp("ns", tz="UTC")))
INT96 = {"use_deprecated_int96_timestamps": True}
case("int96", pa.array([INSTANT, None, -1000], pa.timestamp("ns")), **INT96)
case("int96_digits", pa.array([INSTANT + 111, INSTANT, None, -1], pa.timestamp("ns")), **INT96)
case("int96_digits_later", pa.array([INSTANT + 112, INSTANT, None, -1], pa.timestamp("ns")), **INT96)
case(
    "struct",
    pa.array(
        [{"x": float("nan"), "s": 'a:NaN,"q\\'}, {"x": 1.5, "s": "NaN"}, None],
        pa.struct([("x", pa.float64()), ("s", pa.string())]),
    ),
)
case("list", pa.array([[1.5, float("inf"), float("-inf"), None], []], pa.list_(pa.float64())))
case("map", pa.array([[("a", float("nan")), ("b", 2.0)]], pa.map_(pa.string(), pa.float64())))
SPLIT = {"use_dictionary": False, "column_encoding": {"id": "PLAIN", "v": "BYTE_STREAM_SPLIT"}}
case("split_int", pa.array([1, 2], pa.int64()), **SPLIT)
case("split_fixed", pa.array([b"ab"], pa.binary(2)), **SPLIT)
case("split_instant", pa.array([INSTANT], pa.timestamp("us")), **SPLIT)
case("split_double", pa.array([1.5, -0.25]), **SPLIT)
case("map_twice", pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int64())))
alike = pa.struct([("a", pa.int64()), ("A", pa.int64())])
case("members_alike", pa.array([[{"a": 1, "A": 2}]], pa.list_(alike)))
case("map_order", pa.array([[("b", 1), ("a", 2)]], pa.map_(pa.string(), pa.int64())))
case("map_other_order", pa.array([[("a", 2), ("b", 1)]], pa.map_(pa.string(), pa.int64())))
case("null", pa.array([None, None], pa.null()))
case("null_then_text", pa.array([None, "x"]))
case("null_then_double", pa.array([1.5, None]))
case("null_again", pa.array([None, None], pa.null()))

ints = lambda *values: pa.array(values, pa.int64())
write("names_case", [("id", ints(1, 2)), ("v", ints(3, 4)), ("V", ints(5, 6))])
write("names_repeated", [("id", ints(1, 2)), ("v", ints(3, 4)), ("v", ints(5, 6))])
write("names_empty", [("id", ints(1, 2)), ("", ints(3, 4))])
write("names_odd", [("id", ints(1, 2)), ("a b\"c'd", ints(3, 4)), ("é", ints(5, 6))])
