"""Writes pairs of Parquet files with drawn names of columns, the second with its columns in another order: argv is the folder, the seed and how many."""

import json
import random
import sys

import pyarrow as pa
import pyarrow.parquet as pq

folder, seed, pairs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
draw = random.Random(seed)
NAMES = ["a", "A", "é", "É", "a_1", "A_1", "a b", 'q"', "C1", "", " ", "x.y", "select", "1"]
drawn = []
for index in range(pairs):
    names = [draw.choice(NAMES) for _ in range(draw.randint(1, 4))]
    columns = [(name, [f"{name}{at} of row {row}" for row in range(3)]) for at, name in enumerate(names)]
    for ending in ["", "-later"]:
        arrays = [pa.array(range(3), pa.int64())] + [pa.array(values) for _, values in columns]
        pq.write_table(pa.Table.from_arrays(arrays, ["id"] + [name for name, _ in columns]), f"{folder}/{index}{ending}.parquet")
        draw.shuffle(columns)
    drawn.append({"names": names, "values": {name: values for name, values in columns}})
with open(f"{folder}/drawn.json", "w", encoding="utf-8") as file:
    json.dump(drawn, file)
