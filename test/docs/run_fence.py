"""Runs a snippet of a page, from standard input, in the current folder: `run_fence.py KIND [FOLDER JARS]`."""

import importlib.util
import sys
from pathlib import Path

kind, *more = sys.argv[1:]
code = sys.stdin.read()

match kind:
    case "spark":
        sys.path.append(str(Path(__file__).parents[1] / "readers"))
        from spark import session

        spark = session(*more)
        exec(compile(code, "page", "exec"), {"spark": spark})
        spark.stop()
    case "duckdb":
        import duckdb

        engine = duckdb.connect(config={"allow_unsigned_extensions": "true"})
        # Its own repository cannot be reached everywhere; the package has the same file.
        package = Path(importlib.util.find_spec("duckdb_extension_delta").origin).parent
        engine.execute(f"LOAD '{next(package.rglob('*.duckdb_extension'))}'")
        for statement in code.replace("INSTALL delta;", "").replace("LOAD delta;", "").split(";\n"):
            if statement.strip():
                for row in engine.execute(statement).fetchall():
                    print(*row)
    case _:
        exec(compile(code, "page", "exec"), {})
