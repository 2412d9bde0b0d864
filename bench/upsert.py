"""The upsert of a change file into a bronze table by another engine: `upsert.py delta-rs|spark TABLE CHANGES [JARS]`.

Prints the seconds that the merge took, without the start of the process.
"""
import json
import sys
import time
from pathlib import Path

COLUMNS = ["id", "client", "product", "created_at", "points"]
ADDED = {"_igarape_run": "1", "_cdc_timestamp": "source._cdc_timestamp"}


def with_delta_rs(table, changes):
    import pyarrow.parquet
    from deltalake import DeltaTable

    values = {name: f"source.{name}" for name in COLUMNS} | ADDED
    start = time.perf_counter()
    (
        DeltaTable(table)
        .merge(
            pyarrow.parquet.read_table(changes),
            "target.id = source.id",
            source_alias="source",
            target_alias="target",
        )
        .when_matched_delete(predicate="source._cdc_operation = 'D'")
        .when_matched_update(updates=values)
        .when_not_matched_insert(updates=values)
        .execute()
    )
    return time.perf_counter() - start


def with_spark(table, changes, jars):
    sys.path.append(str(Path(__file__).parents[1] / "test" / "readers"))
    from spark import session

    spark = session(str(Path(table).parents[2] / "spark"), jars)
    values = {name: f"source.{name}" for name in COLUMNS} | ADDED
    sets = ", ".join(f"target.{name} = {value}" for name, value in values.items())
    start = time.perf_counter()
    spark.sql(
        f"MERGE INTO delta.`{table}` AS target USING parquet.`{changes}` AS source ON target.id = source.id "
        "WHEN MATCHED AND source._cdc_operation = 'D' THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {sets} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(values)}) VALUES ({', '.join(values.values())})"
    )
    seconds = time.perf_counter() - start
    spark.stop()
    return seconds


ENGINES = {"delta-rs": with_delta_rs, "spark": with_spark}
print(json.dumps({"seconds": ENGINES[sys.argv[1]](*sys.argv[2:])}))
