"""Reads files and merges lakes with Spark, in one session: `spark.py TASKS FOLDER JARS` prints what each task found."""

import glob
import importlib.util
import json
import os
import sys

from plain import table
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

NAMES = {"string": "text", "timestamp": "timestamptz", "timestamp_ntz": "timestamp"}


def session(folder, jars):
    # A second compiler, looking at classes twice and short room for them would take more time than all that is computed.
    java = (
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
        " -Xms1g -Xmn512m -XX:MetaspaceSize=512m -Duser.timezone=UTC"
    )
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.maxPlanStringLength": "100",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": java,
        "spark.sql.warehouse.dir": os.path.join(folder, "warehouse"),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.jars": ",".join(glob.glob(os.path.join(jars, "io.delta_*.jar"))),
    }
    builder = SparkSession.builder.master("local[2]")
    for name, setting in settings.items():
        builder = builder.config(name, setting)
    return builder.getOrCreate()


def of_frame(frame):
    columns = [(field.name, NAMES.get(field.dataType.simpleString(), field.dataType.simpleString())) for field in frame.schema]
    # Spark gives instants as local times without a zone; as text in the session's zone, UTC, they say what they are.
    shown = [
        F.date_format(F.col(f"`{name}`"), "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").alias(name) if type == "timestamptz" else F.col(f"`{name}`")
        for name, type in columns
    ]
    return table(columns, (tuple(row) for row in frame.select(shown).collect()))


def load(path):
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(spark, task):
    match task["kind"]:
        case "spark-read":
            return of_frame(spark.read.parquet(task["path"]))
        case "spark-sql":
            spark.sql("CREATE DATABASE IF NOT EXISTS bronze")
            *first, merge = task["sql"]
            for statement in [*first, *[merge] * task["times"]]:
                spark.sql(statement)
            return of_frame(spark.table(task["table"]))
        case "spark-page":
            lake, name, key = task["lake"], task["name"], task["key"]
            names = {"spark": spark, "F": F, "Window": Window, "lake": lake, "table": name, "key": key}
            exec(compile(task["code"], "page", "exec"), names)
            last = names["changes"].withColumn("_place", F.row_number().over(names["latest"])).where("_place = 1")
            full = spark.read.parquet(f"{lake}/full-load/{name}/")
            unchanged = full.join(last, key, "left_anti")
            return of_frame(unchanged.unionByName(last.where("op <> 'D'").select(full.columns)).orderBy(key))
        case "spark-merge":
            for _ in range(task["times"]):
                load(task["script"]).merge(spark, task["lake"], task["name"], task["key"], task["table"], task["nested"])
            return of_frame(spark.table(task["table"]))


if __name__ == "__main__":
    tasks, folder, jars = sys.argv[1:]
    spark = session(folder, jars)
    with open(tasks, encoding="utf-8") as file:
        found = {name: run(spark, task) for name, task in json.load(file).items()}
    json.dump(found, sys.stdout)
    spark.stop()
