import { closest, didYouMean } from '../config/closest.ts';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { s3Access } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { IgarapeError } from '../core/errors.ts';
import type { ConvertOptions } from '../delta/operations/convert-table.ts';
import type { OpenOptions } from '../delta/open-table.ts';
import { DeltaTable } from '../delta/table.ts';
import { fullName, type LayerTable, parseFullName, sameTable, tableFolder } from '../medallion/layer.ts';
import { layerTablesIn } from '../medallion/layer-names.ts';
import { openStorage } from '../storage/open.ts';
import type { Storage } from '../storage/port.ts';
import { storageWithin } from '../storage/within.ts';
import type { GlobalOptions } from './options.ts';
import { secretsOf } from './secrets.ts';

/**
 * Opens the Delta table that a command names: by its folder, by its `s3://` address, or, where there is no such folder,
 * by its name in the layers of the configuration's lake.
 *
 * @throws IgarapeError DELTA_…; CONFIG_INVALID
 */
export async function openNamedTable(
  name: string,
  globals: GlobalOptions,
  workDir: string,
): Promise<DeltaTable> {
  const { redactor } = globals.session;
  redactor.add(await secretsOf(process.env, homedir()));
  const table = parseFullName(name);
  const found = await stat(name).catch(() => undefined);
  if (found?.isFile() === true) throw isFile(name);
  if (table === undefined || found !== undefined) {
    return DeltaTable.open(name, { env: process.env, s3: s3Access(process.env), workDir });
  }
  const { config, env } = await loadConfig({
    ...(globals.config === undefined ? {} : { file: globals.config }),
    cwd: process.cwd(),
    env: process.env,
  }).catch((error: unknown) => {
    throw withoutConfiguration(name, error);
  });
  redactor.add(await secretsOf(env, homedir()));
  const { memoryLimit } = config;
  return openLayerTable(await openStorage(config.lake, env), table, { memoryLimit, workDir });
}

/** Makes a folder, or what has an `s3://` address, a table. @throws IgarapeError DELTA_… */
export async function convertNamedFolder(
  name: string,
  globals: GlobalOptions,
  options: ConvertOptions & Pick<OpenOptions, 'workDir'>,
): Promise<DeltaTable> {
  globals.session.redactor.add(await secretsOf(process.env, homedir()));
  return DeltaTable.convertToDelta(name, { ...options, env: process.env, s3: s3Access(process.env) });
}

/** A table by its name, in any letters. */
async function openLayerTable(lake: Storage, table: LayerTable, options: OpenOptions): Promise<DeltaTable> {
  const open = async ({ layer, name }: LayerTable): Promise<DeltaTable> =>
    DeltaTable.open(storageWithin(lake, tableFolder({ layer, name })), options);
  try {
    return await open(table);
  } catch (error) {
    if (!(error instanceof IgarapeError && error.code === 'DELTA_NOT_FOUND')) throw error;
    const known = await layerTablesIn(lake);
    const alike = known.find((each) => sameTable(each, table));
    if (alike !== undefined) return open(alike);
    throw notInLake(lake, table, known, error);
  }
}

function isFile(name: string): IgarapeError {
  return new IgarapeError('DELTA_NOT_FOUND', `${name} is a file, and a Delta table is a folder.`, {
    hint: 'Name the folder that holds _delta_log.',
  });
}

function withoutConfiguration(name: string, error: unknown): unknown {
  if (!(error instanceof IgarapeError && error.code === 'CONFIG_NOT_FOUND')) return error;
  return new IgarapeError(
    'DELTA_NOT_FOUND',
    `There is no folder ${name}, and for a table of a lake by this name no configuration: ${error.message}.`,
    { hint: 'Name the folder that holds _delta_log, or the configuration with --config.', cause: error },
  );
}

function notInLake(
  lake: Storage,
  table: LayerTable,
  known: readonly LayerTable[],
  cause: IgarapeError,
): IgarapeError {
  const name = fullName(table);
  const names = known.map(fullName);
  return new IgarapeError(
    'DELTA_NOT_FOUND',
    `There is no folder ${name}, and no table ${name} in the lake ${lake.uri}.`,
    {
      hint:
        names.length === 0
          ? 'The layers of the lake have no tables yet: igarape run makes them.'
          : didYouMean(closest(name, names), `The layers of the lake have: ${names.join(', ')}.`),
      cause,
    },
  );
}
