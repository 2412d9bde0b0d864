import { fullName, parseFullName } from '../src/medallion/layer.ts';

/** How to read the same without this page: by the program, and by what reads Parquet and Delta tables. */

type Ways = Readonly<Record<string, string>>;

/** A file that a run has published, with what it changed in a table. */
export function changeWays(lake: string, key: string, table: string, run: number): Ways {
  const path = `${lake.replace(/\/$/, '')}/${key}`;
  return {
    igarapé: `igarape changes ${shell(table)} --run ${run}`,
    DuckDB: `SELECT * FROM read_parquet(${text(path.replaceAll(/[*?[]/g, '[$&]'))});`,
    pandas: `import pandas\nrows = pandas.read_parquet(${JSON.stringify(path)})`,
    Spark: `spark.read.parquet(${JSON.stringify(path.replaceAll(/[*?[\]{}\\]/g, String.raw`\$&`))})`,
  };
}

/** A table of the lake, or of a layer; `at` is a run, or a version. */
export function tableWays(lake: string, table: string, at: number | undefined): Ways {
  const layered = parseFullName(table);
  if (layered === undefined) {
    const sql = `SELECT * FROM ${at === undefined ? '' : `run_${at}.`}${identifier(table)}`;
    return queryWays(sql);
  }
  const { layer, name } = layered;
  const path = `${lake.replace(/\/$/, '')}/${layer}/${name}`;
  const version = at === undefined ? '' : ` AT (VERSION => ${at})`;
  return {
    ...queryWays(`SELECT * FROM ${layer}.${identifier(name)}${version}`),
    DuckDB: `INSTALL delta; LOAD delta;\nSELECT * FROM delta_scan(${text(path)}${at === undefined ? '' : `, version = ${at}`});`,
    Spark: `spark.read.format("delta")${at === undefined ? '' : `.option("versionAsOf", ${at})`}.load(${JSON.stringify(path)})`,
    polars: `import polars\nrows = polars.read_delta(${JSON.stringify(path)}${at === undefined ? '' : `, version=${at}`})`,
  };
}

/** How a table differs between two runs, or versions. */
export function differenceWays(table: string, from: string, to: string): Ways {
  return { igarapé: `igarape diff ${shell(table)} --from ${from} --to ${to}` };
}

/** What has happened to one row. */
export function keyWays(table: string, key: readonly (readonly [column: string, value: string])[]): Ways {
  const values = key.map(([column, value]) => (key.length === 1 ? value : `${column}=${value}`));
  const end = values.some((value) => value.startsWith('-')) ? '-- ' : '';
  return { igarapé: `igarape key ${shell(table)} ${end}${values.map(shell).join(' ')}` };
}

/** The answer to a question in SQL. */
export function queryWays(sql: string): Ways {
  return { igarapé: `igarape query ${shell(sql)}` };
}

/** Whether a name is that of a layer's table. */
export function isLayered(table: string): boolean {
  const layered = parseFullName(table);
  return layered !== undefined && fullName(layered) === table;
}

export function shell(value: string): string {
  return /^[\w./:=@-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/** A name as SQL has it, in quotes where it has to be. */
export function identifier(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
