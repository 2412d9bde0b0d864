import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { copyModels } from '../init/models.ts';
import { demoTables } from './data.ts';

/** The demonstration's configuration file, in its folder. */
const CONFIG_FILE = 'igarape.json';

/** Writes the configuration and the models of a demonstration in `folder`, and reads it as any other. */
export async function writeDemoProject(folder: string): Promise<Config> {
  const written = {
    source: { type: 'files', path: 'source' },
    lake: 'lake',
    layers: ['bronze', 'silver', 'gold'],
    tables: demoTables.map(({ name, key, dateField }) => ({
      name,
      sep: ';',
      pk: key,
      ...(dateField === undefined ? {} : { date_field: dateField }),
    })),
  };
  await writeFile(join(folder, CONFIG_FILE), `${JSON.stringify(written, null, 2)}\n`);
  await copyModels(join(folder, 'models'));
  const { config } = await loadConfig({ file: CONFIG_FILE, cwd: folder, env: {} });
  return config;
}

/** Where a demonstration's CSV files are. */
export function sourceFolder(folder: string): string {
  return join(folder, 'source');
}
