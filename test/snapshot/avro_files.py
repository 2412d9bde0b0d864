"""Writes Avro files of drawn columns, one a codec, and what their values are: argv is the folder and the seed."""

import datetime
import decimal
import json
import random
import sys
import uuid

import fastavro

folder, seed = sys.argv[1], int(sys.argv[2])
draw = random.Random(seed)
UTC = datetime.timezone.utc
decimal.getcontext().prec = 60


def instant(moment, digits):
    fraction = f"{moment.microsecond:06}"[:digits].rstrip("0")
    return moment.isoformat(sep=" ")[:19] + (f".{fraction}" if fraction else "")


def moment(digits):
    step = 10 ** (6 - digits)
    micros = draw.choice([0, 1, 999_999, 500_000]) // step * step
    return datetime.datetime(draw.choice([1, 1969, 2024, 9999]), 12, 31, 23, 59, 58, micros)


def fixed(size):
    return bytes(draw.randint(0, 255) for _ in range(size))


def named(kind, **more):
    return {"type": kind, "name": f"n{draw.getrandbits(60)}", **more}


def of_decimal(schema, precision, scale):
    unscaled = draw.randint(-(10**precision) + 1, 10**precision - 1)
    return decimal.Decimal(unscaled).scaleb(-scale)


def scalars():
    """Of each kind: its schema, how a value is drawn, its value as text, whether that is a text in JSON, the column's type."""
    scale = draw.randint(0, 5)
    precision = draw.randint(max(scale, 1), 38)
    amount = {"logicalType": "decimal", "precision": precision, "scale": scale}
    number = lambda schema: (schema, lambda: of_decimal(schema, precision, scale), lambda v: f"{v:f}", False, f"DECIMAL({precision},{scale})")
    enum = named("enum", symbols=["A", "b_1", "C"])
    whole = lambda v: str(v)
    yield "boolean", lambda: draw.random() < 0.5, lambda v: str(v).lower(), False, "BOOLEAN"
    yield "int", lambda: draw.choice([0, -1, 2**31 - 1, -(2**31)]), whole, False, "BIGINT"
    yield "long", lambda: draw.choice([0, 7, -(2**63), 2**63 - 1, 2**53 + 1]), whole, False, "BIGINT"
    yield "double", lambda: draw.choice([0.5, -1.25, 123456.75]), repr, False, "DOUBLE"
    yield "float", lambda: draw.choice([0.5, -1.25, 1024.5]), repr, False, "DOUBLE"
    yield "string", lambda: draw.choice(["", "007", "1.50", "true", 'a"b\\', "ação 😀", "a\nb\x00"]), whole, True, "VARCHAR"
    import base64
    yield "bytes", lambda: fixed(draw.randint(0, 5)), lambda v: base64.b64encode(v).decode(), True, "VARCHAR"
    yield named("fixed", size=3), lambda: fixed(3), lambda v: base64.b64encode(v).decode(), True, "VARCHAR"
    yield enum, lambda: draw.choice(enum["symbols"]), whole, True, "VARCHAR"
    yield number({"type": "bytes", **amount})
    yield number(named("fixed", size=17, **amount))
    yield {"type": "string", "logicalType": "uuid"}, lambda: uuid.UUID(int=draw.getrandbits(128)), whole, True, "VARCHAR"
    yield {"type": "int", "logicalType": "date"}, lambda: moment(6).date(), lambda v: v.isoformat(), True, "DATE"
    for digits, unit, under in [(3, "millis", "int"), (6, "micros", "long")]:
        at = lambda digits=digits: moment(digits)
        yield {"type": under, "logicalType": f"time-{unit}"}, lambda at=at: at().time(), lambda v, d=digits: instant(datetime.datetime.combine(datetime.date.min, v), d)[11:], True, "VARCHAR"
        yield {"type": "long", "logicalType": f"timestamp-{unit}"}, lambda at=at: at().replace(tzinfo=UTC), lambda v, d=digits: instant(v, d) + "+00", True, "TIMESTAMP WITH TIME ZONE"
        yield {"type": "long", "logicalType": f"local-timestamp-{unit}"}, at, lambda v, d=digits: instant(v, d), True, "TIMESTAMP"


def nested(depth):
    """A schema, how a value is drawn, its JSON."""
    kind = draw.choice(["array", "map", "record", "union"]) if depth == 0 or draw.random() < 0.3 / depth else "scalar"
    if kind == "scalar":
        schema, one, shown, is_text, _ = draw.choice(list(scalars()))
        return schema, one, lambda v: json.dumps(shown(v), ensure_ascii=False) if is_text else number_text(schema, shown(v))
    if kind == "array":
        schema, one, shown = optional(nested(depth + 1))
        return {"type": "array", "items": schema}, lambda: [one() for _ in range(draw.randint(0, 3))], lambda v: f"[{','.join(map(shown, v))}]"
    if kind == "map":
        schema, one, shown = optional(nested(depth + 1))
        keys = lambda: draw.sample(["a", "b", "é"], draw.randint(0, 3))
        return {"type": "map", "values": schema}, lambda: {key: one() for key in keys()}, lambda v: members({k: shown(x) for k, x in v.items()})
    if kind == "record":
        parts = {name: optional(nested(depth + 1)) for name in draw.sample(["x", "a", "Y"], draw.randint(1, 3))}
        fields = [{"name": name, "type": schema} for name, (schema, _, _) in parts.items()]
        return named("record", fields=fields), lambda: {n: one() for n, (_, one, _) in parts.items()}, lambda v: members({n: s(v[n]) for n, (_, _, s) in parts.items()})
    text = lambda: draw.choice(["x", "1"])
    return ["string", "null", "long"], lambda: draw.choice([None, text(), 5, 2**60]), lambda v: "null" if v is None else json.dumps(v)


def as_shown(kind, text):
    """The engine shows decimals that have no place before the point without a 0 there."""
    digits = kind.removeprefix("DECIMAL(").removesuffix(")").split(",")
    return text.replace("0.", ".", 1) if len(digits) == 2 and digits[0] == digits[1] else text


def number_text(schema, text):
    return text.removesuffix(".0") if schema in ("double", "float") else text


def members(shown):
    return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{shown[name]}" for name in sorted(shown)) + "}"


def optional(drawn):
    schema, one, shown = drawn
    if isinstance(schema, list) or draw.random() < 0.3:
        return drawn
    return ["null", schema], lambda: None if draw.random() < 0.3 else one(), lambda v: "null" if v is None else shown(v)


ROWS = 40
fields, values, expected, types = [{"name": "id", "type": "long"}], [range(ROWS)], {}, {}
for index, (schema, one, shown, _, kind) in enumerate(scalars()):
    schema, one, told = optional((schema, one, shown))
    column = [one() for _ in range(ROWS)]
    fields.append({"name": f"s{index}", "type": schema})
    values.append(column)
    expected[f"s{index}"] = [None if value is None else as_shown(kind, shown(value)) for value in column]
    types[f"s{index}"] = kind
for index in range(6):
    schema, one, shown = optional(nested(0))
    column = [one() for _ in range(ROWS)]
    fields.append({"name": f"c{index}", "type": schema})
    values.append(column)
    expected[f"c{index}"] = [None if value is None else shown(value) for value in column]
    types[f"c{index}"] = "VARCHAR"
schema = {"type": "record", "name": "row", "fields": fields}
records = [dict(zip([field["name"] for field in fields], row)) for row in zip(*values)]
for codec in ["null", "deflate", "snappy", "zstandard"]:
    with open(f"{folder}/{codec}.avro", "wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), records, codec=codec, sync_interval=500)
long = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}, {"name": "v", "type": {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 2}}]}
with open(f"{folder}/long.avro", "wb") as file:
    fastavro.writer(file, fastavro.parse_schema(long), [{"id": 1, "v": decimal.Decimal("1.10")}])
tree = {"type": "record", "name": "tree", "fields": [{"name": "id", "type": "long"}, {"name": "below", "type": {"type": "array", "items": "tree"}}, {"name": "next", "type": ["null", "tree"]}]}
leaf = {"id": 3, "below": [], "next": None}
with open(f"{folder}/tree.avro", "wb") as file:
    fastavro.writer(file, fastavro.parse_schema(tree), [{"id": 1, "below": [leaf, {"id": 2, "below": [leaf], "next": None}], "next": leaf}])
dense = {"type": "record", "name": "d", "fields": [{"name": "id", "type": "long"}, {"name": "v", "type": "bytes"}]}
with open(f"{folder}/dense.avro", "wb") as file:
    fastavro.writer(file, fastavro.parse_schema(dense), [{"id": 1, "v": bytes(257 * 1024 * 1024)}], codec="zstandard")
with open(f"{folder}/expected.json", "w", encoding="utf-8") as file:
    json.dump({"values": expected, "types": types}, file)

logical = lambda under, name: {"type": under, "logicalType": name}
amount = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
DAY = 86_400_000
beyond = [
    (logical("int", "date"), [2**31 - 1, -(2**31) + 1]),
    (logical("int", "time-millis"), [DAY, -1, draw.randint(DAY, 2**31 - 1)]),
    (logical("long", "time-micros"), [DAY * 1000, -1, 2**62, draw.randint(DAY * 1000, 2**63 - 1)]),
    *[(logical("long", f"{local}timestamp-{unit}"), far) for local in ["", "local-"] for unit, far in [("micros", [2**63 - 1, -(2**63) + 1]), ("millis", [2**62, -(2**63), draw.randint(2**54, 2**63 - 1)])]],
    (amount, [(draw.choice([-1, 1]) * draw.randint(10_000, 2**31 - 1)).to_bytes(4, "big", signed=True)]),
]
names = []
for index, (kind, far) in enumerate((kind, far) for kind, every in beyond for far in every):
    for depth, (schema, value) in enumerate([(kind, far), ({"type": "array", "items": kind}, [far])]):
        name = f"beyond{index}_{depth}"
        record = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}, {"name": "v", "type": schema}]}
        # A writer that does not look at what a value means.
        plain = json.loads(json.dumps(record).replace("logicalType", "unknownType"))
        with open(f"{folder}/{name}.avro", "wb") as file:
            fastavro.writer(file, fastavro.parse_schema(plain), [{"id": 1, "v": value}])
        with open(f"{folder}/{name}.avro", "rb+") as file:
            written = file.read()
            file.seek(0)
            file.write(written.replace(b'"unknownType"', b'"logicalType"'))
        names.append(name)
with open(f"{folder}/beyond.json", "w") as file:
    json.dump(names, file)
late = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}, {"name": "v", "type": {"type": "array", "items": logical("int", "date")}}]}
with open(f"{folder}/late.avro", "wb") as file:
    fastavro.writer(file, fastavro.parse_schema(late), [{"id": 1, "v": [2932896, 2932897, 0]}])
