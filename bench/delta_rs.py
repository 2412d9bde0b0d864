"""One step by delta-rs, measured without the start of the process; prints its figures as JSON."""
import json
import re
import resource
import sys
import time


def merge(path, changes):
    import pyarrow.parquet
    from deltalake import DeltaTable

    def run():
        columns = ["id", "number", "quantity", "price", "updated_at", "note"]
        values = {name: f"source.{name}" for name in columns}
        metrics = (
            DeltaTable(path)
            .merge(
                pyarrow.parquet.read_table(changes),
                "target.id = source.id",
                source_alias="source",
                target_alias="target",
            )
            .when_matched_delete(predicate="source.op = 'D'")
            .when_matched_update(updates=values)
            .when_not_matched_insert(updates=values)
            .execute()
        )
        return " ".join(
            str(metrics[f"num_target_rows_{kind}"]) for kind in ("updated", "inserted", "deleted")
        )

    return measured(run)


def open_table(path):
    from deltalake import DeltaTable

    def run():
        table = DeltaTable(path)
        return f"version {table.version()}"

    return measured(run)


def count(path):
    from deltalake import DeltaTable

    return measured(lambda: f"{DeltaTable(path).count()} rows")


def files(path):
    from deltalake import DeltaTable

    return measured(lambda: f"{len(DeltaTable(path).file_uris())} files")


def measured(run):
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    result = run()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpuSeconds": cpu, "peakBytes": peak_bytes(), "result": result}


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\s*(\d+)", status.read()).group(1)) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


STEPS = {"merge": merge, "open": open_table, "count": count, "files": files}
print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
