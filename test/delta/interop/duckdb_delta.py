"""DuckDB's own Delta extension on Delta tables, by the tasks of `peers.ts`."""

import importlib.util
from pathlib import Path

import duckdb
from answers import serve

package = Path(importlib.util.find_spec("duckdb_extension_delta").origin).parent
extension = next(package.rglob("*.duckdb_extension"))


def connect():
    """One for each task: a write that the extension gives up leaves its engine unusable."""
    engine = duckdb.connect(config={"allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false"})
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute(f"LOAD '{extension}'")
    return engine


def answer(task):
    engine = connect()
    match task["kind"]:
        case "read":
            scan = f"delta_scan('{task['table']}', version := {task['version']})"
            rows = f"SELECT * FROM {scan} WHERE {task.get('where', 'true')}"
            return engine.execute(f"COPY ({rows}) TO '{task['out']}' (FORMAT parquet)").fetchone()[0]
        case "append":
            engine.execute(f"ATTACH '{task['table']}' AS t (TYPE delta)")
            engine.execute(f"INSERT INTO t BY NAME SELECT * FROM '{task['rows']}'")
        case kind:
            raise ValueError(f"no such task: {kind}")


serve(answer)
