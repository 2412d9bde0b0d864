"""A Spark session that answers statements: a line of JSON each, {"sql": …} in, {"columns", "rows"} or {"error"} out."""

import datetime
import decimal
import json
import sys

from pyspark.sql import SparkSession

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "OFF",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Duser.timezone=UTC",
    # What is worked out when a statement is planned is not what a cluster works out.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
    # As on a cluster that was set for statements of other years.
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.legacy.timeParserPolicy": "LEGACY",
    "spark.sql.caseSensitive": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.ansi.enforceReservedKeywords": "true",
    "spark.sql.groupByOrdinal": "false",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.legacy.integralDivide.returnBigint": "false",
    "spark.sql.legacy.interval.enabled": "true",
    "spark.sql.legacy.exponentLiteralAsDecimal.enabled": "true",
    "spark.sql.legacy.parser.havingWithoutGroupByAsWhere": "true",
    "spark.sql.legacy.literal.pickMinimumPrecision": "false",
    "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate": "true",
    "spark.sql.legacy.typeCoercion.datetimeToString.enabled": "true",
    "spark.sql.legacy.ctePrecedencePolicy": "LEGACY",
    "spark.sql.legacy.setopsPrecedence.enabled": "true",
    "spark.sql.function.concatBinaryAsString": "true",
}


def plain(value):
    """Texts, but for DOUBLEs: these are numbers where JSON has them."""
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case float():
            return value if value == value and abs(value) != float("inf") else str(value)
        case decimal.Decimal():
            return format(value, "f")
        case datetime.datetime():
            text = value.isoformat(" ")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime.date():
            return value.isoformat()
        case _:
            return str(value)


def answer(spark, sql):
    try:
        frame = spark.sql(sql)
        columns = [field.dataType.simpleString() for field in frame.schema]
        rows = [[plain(value) for value in row] for row in frame.collect()]
        return {"names": frame.columns, "columns": columns, "rows": rows}
    except Exception as error:
        return {"error": str(error).strip()[:2000]}


if __name__ == "__main__":
    builder = SparkSession.builder.master("local[1]")
    for name, setting in {**SETTINGS, **json.loads(sys.argv[1])}.items():
        builder = builder.config(name, setting)
    session = builder.getOrCreate()
    for line in sys.stdin:
        print(json.dumps(answer(session, json.loads(line)["sql"])), flush=True)
    session.stop()
