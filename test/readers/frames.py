"""Reads files and replays lakes with pandas and DuckDB: `frames.py TASKS` prints what each task found, as JSON."""

import importlib.util
import json
import re
import sys

import duckdb
import pandas as pd
import pyarrow as pa
from plain import table

ARROW = {
    "bool": "boolean",
    "int64": "bigint",
    "double": "double",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
    "timestamp[us, tz=UTC]": "timestamptz",
    "string": "text",
    "large_string": "text",
}


def arrow_type(type):
    return ARROW.get(str(type)) or re.sub(r"decimal128\((\d+), (\d+)\)", r"decimal(\1,\2)", str(type))


def of_frame(frame):
    columns = [(name, arrow_type(frame[name].dtype.pyarrow_dtype)) for name in frame.columns]
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    return table(columns, zip(*(column.to_pylist() for column in arrow.columns)))


def duck_type(type):
    names = {"VARCHAR": "text", "TIMESTAMP WITH TIME ZONE": "timestamptz"}
    return names.get(type, type.lower().replace(" ", ""))


def of_relation(relation):
    return table(zip(relation.columns, (duck_type(str(t)) for t in relation.types)), relation.fetchall())


def connect():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def load(path):
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(task):
    match task["kind"]:
        case "pandas-read":
            return of_frame(pd.read_parquet(task["path"], dtype_backend="pyarrow"))
        case "duckdb-read":
            return of_relation(connect().sql(f"FROM read_parquet('{task['path']}')"))
        case "pandas-replay":
            return of_frame(load(task["script"]).latest(task["lake"], task["table"], task["key"]))
        case "duckdb-replay":
            connection = connect()
            connection.execute(task["sql"])
            return of_relation(connection.sql(f"FROM {task['table']}"))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        json.dump({name: run(task) for name, task in json.load(file).items()}, sys.stdout)
