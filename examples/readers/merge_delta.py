"""Spark and Databricks: a Delta table that follows a table of the lake, also when that gains columns or wider types.

    spark-submit merge_delta.py LAKE TABLE KEY[,KEY...] TARGET
"""

import sys
from functools import reduce

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

ADDED = ["_cdc_operation", "_cdc_timestamp"]


def merge(spark, lake, table, key, target, nested=False):
    full_load, change_files = (
        (f"{lake}/full-load/{table}", f"{lake}/cdc/{table}")
        if nested
        else (f"{lake}/full-load/{table}.parquet", f"{lake}/cdc/{table}_[0-9]*")
    )
    if not spark.catalog.tableExists(target):
        first = spark.read.parquet(full_load).withColumn("_cdc_sequence", F.lit(0).cast("bigint"))
        first.write.format("delta").saveAsTable(target)

    # Each file may know more columns or wider types than those before it; their names sort by time.
    files = [spark.read.parquet(file) for file in sorted(spark.read.parquet(change_files).inputFiles())]
    schema = files[-1].schema
    adopt(spark, target, [column for column in schema if column.name not in ADDED])

    done = spark.table(target).agg(F.max("_cdc_sequence")).first()[0] or 0
    latest_first = Window.partitionBy(*key).orderBy(F.desc("_cdc_sequence"))
    changes = reduce(DataFrame.unionByName, [conform(file, schema) for file in files])
    changes = changes.where(F.col("_cdc_sequence") > done).withColumn("_rank", F.row_number().over(latest_first))
    changes.where("_rank = 1").createOrReplaceTempView("igarape_changes")
    spark.sql(f"""
        MERGE INTO {target} AS t USING igarape_changes AS c
        ON {" AND ".join(f"t.`{name}` = c.`{name}`" for name in key)}
        WHEN MATCHED AND c._cdc_operation = 'D' THEN DELETE
        WHEN MATCHED AND c._cdc_sequence > t._cdc_sequence THEN UPDATE SET *
        WHEN NOT MATCHED AND c._cdc_operation <> 'D' THEN INSERT *""")


def conform(rows, columns):
    had = set(rows.columns)
    value = lambda name: F.col(f"`{name}`") if name in had else F.lit(None)
    return rows.select([value(column.name).cast(column.dataType).alias(column.name) for column in columns])


def adopt(spark, target, columns):
    rows = spark.table(target)
    if [(c.name, c.dataType) for c in rows.schema] == [(c.name, c.dataType) for c in columns]:
        return
    wider = conform(rows, columns).write.format("delta").mode("overwrite").option("overwriteSchema", "true")
    wider.saveAsTable(target)


if __name__ == "__main__":
    from pyspark.sql import SparkSession

    lake, table, key, target = sys.argv[1:]
    merge(SparkSession.builder.getOrCreate(), lake, table, key.split(","), target)
