// One step on Delta tables, measured without the start of the process; prints its figures as JSON.
import { readFileSync } from 'node:fs';

const STEPS = {
  /** The yardstick: DuckDB's bare copy of Parquet to Parquet, with default settings. */
  async copy(from, to) {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    return measured(async () => {
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      await connection.run(`COPY (SELECT * FROM '${from}') TO '${to}' (FORMAT parquet)`);
      connection.closeSync();
      instance.closeSync();
    });
  },
  async create(table, rows, configuration) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const options = { rows: `SELECT * FROM '${rows}' LIMIT 0`, configuration: JSON.parse(configuration) };
      await (await DeltaTable.create(table, options)).close();
    });
  },
  async append(path, rows) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const table = await DeltaTable.open(path);
      await table.append(`SELECT * FROM '${rows}'`);
      await table.close();
    });
  },
  /** `unsieved` as before merges had a sieve of their keys. */
  async merge(path, changes, key = 'id', unsieved = '') {
    const { DeltaTable, Engine } = await import('../dist/delta.js');
    const rows = Reflect.get(Engine.prototype, 'rows');
    if (unsieved !== '')
      Engine.prototype.rows = function unsievedRows(sql, ...rest) {
        return rows.call(this, sql.replace('WHERE hash(rowid) >= 0', ''), ...rest);
      };
    return measured(async () => {
      const table = await DeltaTable.open(path);
      const { metrics } = await table
        .merge(`SELECT * FROM '${changes}'`, { on: [key] })
        .whenMatchedDelete({ where: "source.op = 'D'" })
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .execute();
      await table.close();
      return `${metrics.numTargetRowsUpdated} ${metrics.numTargetRowsInserted} ${metrics.numTargetRowsDeleted}`;
    });
  },
  async open(path) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const table = await DeltaTable.open(path);
      const { version, fileCount } = await table.snapshot();
      await table.close();
      return `version ${version}, ${fileCount} files`;
    });
  },
  /** Plans the reading of a partition that is not there. */
  async partition(path, column) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const table = await DeltaTable.open(path);
      const rows = await table.read({ where: `"${column}" = 'none'` });
      await rows.close();
      await table.close();
    });
  },
  async checkpoint(path) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const table = await DeltaTable.open(path);
      await table.checkpoint();
      await table.close();
    });
  },
  async count(path) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const table = await DeltaTable.open(path);
      const rows = await table.count();
      await table.close();
      return `${rows} rows`;
    });
  },
  async files(path) {
    const { DeltaTable } = await import('../dist/delta.js');
    return measured(async () => {
      const table = await DeltaTable.open(path);
      const files = await (await table.snapshot()).files();
      await table.close();
      return `${files.length} files`;
    });
  },
};

async function measured(run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = (await run()) ?? '';
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes(), result };
}

/** The operating system's own maximum of a process may be that of its parent. */
function peakBytes() {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

const [step, ...args] = process.argv.slice(2);
console.log(JSON.stringify(await STEPS[step](...args)));
