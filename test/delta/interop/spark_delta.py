"""Spark with Delta Lake on Delta tables, by the tasks of `peers.ts`: `spark_delta.py FOLDER JARS`."""

import sys
from pathlib import Path

from answers import serve

sys.path.append(str(Path(__file__).parents[2] / "readers"))
from spark import session  # noqa: E402

spark = session(*sys.argv[1:])
spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")


def keep(frame, out):
    frame.coalesce(1).write.parquet(out)
    return None


def answer(task):
    delta = spark.read.format("delta")
    match task["kind"]:
        case "read":
            return keep(delta.option("versionAsOf", task["version"]).load(task["table"]), task["out"])
        case "changes":
            feed = delta.option("readChangeFeed", "true").option("startingVersion", task["from"])
            return keep(feed.option("endingVersion", task["to"]).load(task["table"]), task["out"])
        case "history":
            history = spark.sql(f"DESCRIBE HISTORY delta.`{task['table']}`")
            return [[row.version, row.operation] for row in history.select("version", "operation").collect()]
        case "sql":
            spark.sql(task["sql"])
        case kind:
            raise ValueError(f"no such task: {kind}")


serve(answer)
spark.stop()
