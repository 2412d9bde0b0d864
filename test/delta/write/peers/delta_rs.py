"""Reads tables with delta-rs and DuckDB's delta extension, and writes to them: `delta_rs.py TASKS` prints what each found."""

import glob
import json
import os
import sys

import deltalake
import duckdb
import duckdb_extension_delta
import pyarrow as pa

SCHEMA = pa.schema([("id", pa.int64()), ("part", pa.string()), ("value", pa.int32())])
NEW = [(100, "a", 1), (101, "new", None)]


def rows_of(path):
    query = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(path))
    found = pa.table(query.execute("SELECT id, part, value FROM t ORDER BY id, part, value").read_all())
    return [list(row.values()) for row in found.to_pylist()]


def changes_of(path):
    found = pa.table(deltalake.DeltaTable(path).load_cdf(starting_version=0)).to_pylist()
    return [[row["_commit_version"], row["_change_type"], row["id"], row["part"], row["value"]] for row in found]


def write(path, rewrites):
    deltalake.write_deltalake(path, pa.Table.from_pylist([dict(zip(SCHEMA.names, row)) for row in NEW], SCHEMA), mode="append")
    if not rewrites:
        return
    deltalake.DeltaTable(path).delete("id = 100")
    source = pa.Table.from_pylist([{"id": 101, "part": "new", "value": 7}, {"id": 102, "part": "b", "value": 8}], SCHEMA)
    merge = deltalake.DeltaTable(path).merge(source, "t.id = s.id", source_alias="s", target_alias="t")
    merge.when_matched_update_all().when_not_matched_insert_all().execute()
    deltalake.DeltaTable(path).optimize.compact()


def duckdb_connection():
    folder = os.path.dirname(duckdb_extension_delta.__file__)
    extension = glob.glob(os.path.join(folder, "extensions", "*", "delta.duckdb_extension"))[0]
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    return connection


def duckdb_rows(path):
    found = duckdb_connection().execute(f"SELECT id, part, value FROM delta_scan('{path}') ORDER BY ALL").fetchall()
    return [list(row) for row in found]


def duckdb_append(path):
    connection = duckdb_connection()
    connection.execute(f"ATTACH '{path}' AS t (TYPE delta)")
    connection.execute("INSERT INTO t VALUES (200, 'a', 2)")


def run(task):
    path = task["path"]
    table = deltalake.DeltaTable(path)
    found = {
        "rows": rows_of(path),
        "duckdb": duckdb_rows(path),
        "changes": changes_of(path),
        "operations": [entry["operation"] for entry in table.history()],
    }
    write(path, task["rewrites"])
    if task["duckdb"]:
        duckdb_append(path)
    return {**found, "written": rows_of(path)}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps({name: run(task) for name, task in json.load(file).items()}))
