import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Row = Readonly<Record<string, string | number>>;

/** A folder with a configuration, and a folder of CSV files as its source. */
export async function openShop(dir: string, config: object = {}): Promise<void> {
  await mkdir(join(dir, 'in'), { recursive: true });
  const written = {
    source: { type: 'files', path: 'in' },
    lake: 'lake',
    tables: [{ name: 'clients', pk: 'id' }],
    ...config,
  };
  await writeFile(join(dir, 'igarape.json'), JSON.stringify(written));
}

/** Puts a table's new state into the source. */
export async function publish(dir: string, table: string, rows: readonly Row[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names.join(','), ...rows.map((row) => names.map((name) => row[name]).join(','))];
  await writeFile(join(dir, 'in', `${table}.csv`), `${lines.join('\n')}\n`);
}

/** So many rows that reading them takes a moment. */
export function manyRows(count: number, name = 'Ana'): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: `${name} ${index}`,
    points: index % 97,
  }));
}
