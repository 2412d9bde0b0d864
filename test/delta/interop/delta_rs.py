"""delta-rs on Delta tables, by the tasks of `peers.ts`."""

import pyarrow as pa
import pyarrow.parquet as pq
from answers import serve
from deltalake import DeltaTable, QueryBuilder, write_deltalake


def keep(reader, out):
    table = pa.table(reader.read_all())
    pq.write_table(table, out)
    return table.num_rows


def answer(task):
    match task["kind"]:
        case "read":
            table = DeltaTable(task["table"], version=task["version"], storage_options=task.get("storage"))
            rows = f"SELECT * FROM t WHERE {task.get('where', 'true')}"
            return keep(QueryBuilder().register("t", table).execute(rows), task["out"])
        case "changes":
            table = DeltaTable(task["table"], storage_options=task.get("storage"))
            return keep(table.load_cdf(starting_version=task["from"], ending_version=task["to"]), task["out"])
        case "history":
            return [[entry["version"], entry["operation"]] for entry in DeltaTable(task["table"]).history()]
        case "create":
            write_deltalake(task["table"], pq.read_table(task["rows"]), configuration=task["configuration"])
        case "append":
            write_deltalake(task["table"], pq.read_table(task["rows"]), mode="append")
        case "merge":
            merge = DeltaTable(task["table"]).merge(pq.read_table(task["rows"]), "t.id = s.id", source_alias="s", target_alias="t")
            merge.when_matched_update_all().when_not_matched_insert_all().execute()
        case "delete":
            DeltaTable(task["table"]).delete(task["where"])
        case kind:
            raise ValueError(f"no such task: {kind}")


serve(answer)
