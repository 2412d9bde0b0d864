"""Writes rows in formats of files, and tells what an independent reader finds in them.

Tasks: {name: {"path", "format", "columns", "rows"}}; a cell is null or [type, text]. Answers: rows of texts.
"""
import bz2, csv, datetime, io, json, sqlite3, sys


def value(cell):
    if cell is None:
        return None
    kind, text = cell
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    if kind == "bool":
        return text == "true"
    if kind == "date":
        return datetime.date.fromisoformat(text)
    if kind == "instant":
        return datetime.datetime.fromisoformat(text)
    return text


def text(found):
    if found is None:
        return None
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, datetime.datetime):
        return found.strftime("%Y-%m-%d") if found.time() == datetime.time() else found.isoformat(" ")
    if isinstance(found, bytes):
        import base64
        return base64.b64encode(found).decode()
    return repr(found) if isinstance(found, float) else str(found)


def xlsx(path, columns, rows):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(columns)
    for row in rows:
        book.active.append([value(cell) for cell in row])
    book.save(path)
    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).active
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


def sqlite(path, columns, rows):
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute(f"CREATE TABLE t ({names})")
        marks = ", ".join("?" for _ in columns)
        plain = lambda found: text(found) if isinstance(found, (datetime.date, bool)) else found
        base.executemany(f"INSERT INTO t VALUES ({marks})", [[plain(value(cell)) for cell in row] for row in rows])
    base.close()
    return sqlite3.connect(path).execute("SELECT * FROM t").fetchall()


def packed_csv(path, columns, rows):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(columns)
    writer.writerows([["" if cell is None else cell[1] for cell in row] for row in rows])
    with bz2.open(path, "wt", encoding="utf-8", newline="") as file:
        file.write(out.getvalue())
    with bz2.open(path, "rt", encoding="utf-8", newline="") as file:
        return [[cell or None for cell in row] for row in list(csv.reader(file))[1:]]


def document(path, columns, rows):
    objects = [dict(zip(columns, [v if not isinstance(v := value(cell), datetime.date) else text(v) for cell in row])) for row in rows]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"count": len(rows), "data": objects}, file, indent=1)
    with open(path, encoding="utf-8") as file:
        return [list(found.values()) for found in json.load(file)["data"]]


FORMATS = {"xlsx": xlsx, "sqlite": sqlite, "csv.bz2": packed_csv, "json": document}

with open(sys.argv[1], encoding="utf-8") as file:
    tasks = json.load(file)
answers = {
    name: [[text(found) for found in row] for row in FORMATS[task["format"]](task["path"], task["columns"], task["rows"])]
    for name, task in tasks.items()
}
json.dump(answers, sys.stdout)
