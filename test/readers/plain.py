"""A table as JSON in which every value is a text that does not depend on who read it."""

import datetime
import decimal


def value(v):
    if v is None or v != v:
        return None
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, decimal.Decimal):
        return f"{v:f}"
    if isinstance(v, datetime.datetime):
        if v.tzinfo is not None:
            v = v.astimezone(datetime.timezone.utc).replace(tzinfo=None)
            return v.isoformat(timespec="microseconds") + "Z"
        return v.isoformat(timespec="microseconds")
    if isinstance(v, datetime.date):
        return v.isoformat()
    if isinstance(v, float):
        return repr(v)
    return str(v)


def table(columns, rows):
    return {"columns": dict(columns), "rows": [[value(v) for v in row] for row in rows]}
