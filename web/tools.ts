/** How to read the same without this page: by the program, and by what reads Parquet and Delta tables. */

type Ways = Readonly<Record<string, string>>;

/** A published file of a lake. */
export function fileWays(lake: string, key: string, command: string): Ways {
  const path = `${lake.replace(/\/$/, '')}/${key}`;
  return {
    igarapé: command,
    DuckDB: `SELECT * FROM read_parquet(${text(path)});`,
    pandas: `import pandas\nrows = pandas.read_parquet(${JSON.stringify(path)})`,
    Spark: `spark.read.parquet(${JSON.stringify(path)})`,
  };
}

/** A table of the lake, or of a layer; `at` is a run, or a version. */
export function tableWays(lake: string, table: string, at: number | undefined): Ways {
  const [layer, name] = table.split(/\.(.*)/s);
  if (layer === undefined || name === undefined || name === '') {
    const sql = `SELECT * FROM ${at === undefined ? '' : `run_${at}.`}${identifier(table)}`;
    return { igarapé: `igarape query ${shell(sql)}` };
  }
  const path = `${lake.replace(/\/$/, '')}/${layer}/${name}`;
  const version = at === undefined ? '' : ` AT (VERSION => ${at})`;
  return {
    igarapé: `igarape query ${shell(`SELECT * FROM ${layer}.${identifier(name)}${version}`)}`,
    DuckDB: `INSTALL delta; LOAD delta;\nSELECT * FROM delta_scan(${text(path)}${at === undefined ? '' : `, version = ${at}`});`,
    Spark: `spark.read.format("delta")${at === undefined ? '' : `.option("versionAsOf", ${at})`}.load(${JSON.stringify(path)})`,
    polars: `import polars\nrows = polars.read_delta(${JSON.stringify(path)}${at === undefined ? '' : `, version=${at}`})`,
  };
}

export function shell(value: string): string {
  return /^[\w./:=@-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function identifier(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
