"""Reads tables with Spark, and writes to them: `delta_spark.py TASKS FOLDER JARS` prints what it found."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../readers"))

from spark import session  # noqa: E402


def rows_of(spark, path):
    found = spark.read.format("delta").load(path).select("id", "part", "value").collect()
    return sorted(([row[0], row[1], row[2]] for row in found), key=str)


def changes_of(spark, path):
    frame = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", 0).load(path)
    found = frame.select("_commit_version", "_change_type", "id", "part", "value").collect()
    return [list(row) for row in found]


def write(spark, path):
    spark.sql(f"INSERT INTO delta.`{path}` VALUES (100, 'a', 1), (101, 'new', NULL)")
    spark.sql(f"DELETE FROM delta.`{path}` WHERE id = 100 OR id = 1")
    spark.sql(f"UPDATE delta.`{path}` SET value = 3 WHERE id < 5")
    spark.sql(
        f"MERGE INTO delta.`{path}` AS t USING (SELECT 101 AS id, 'new' AS part, 7 AS value UNION ALL SELECT 102, 'b', 8) AS s "
        "ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )


def run(spark, task):
    path = task["path"]
    history = spark.sql(f"DESCRIBE HISTORY delta.`{path}`").collect()
    found = {
        "rows": rows_of(spark, path),
        "changes": changes_of(spark, path),
        "operations": [entry["operation"] for entry in history],
    }
    write(spark, path)
    return {**found, "written": rows_of(spark, path)}


if __name__ == "__main__":
    tasks, folder, jars = sys.argv[1:]
    spark = session(folder, jars)
    with open(tasks, encoding="utf-8") as file:
        found = {name: run(spark, task) for name, task in json.load(file).items()}
    json.dump(found, sys.stdout)
    spark.stop()
