import { createHash } from 'node:crypto';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { StorageEnvironment, StorageLocation } from '../../src/storage/location.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { wrapStorage, type WriteListeners } from '../support/wrapped-storage.ts';
import { type Files, TABLES } from './stories.ts';

/** A lake with its source and working folder, that another process can open too. */
export interface Lake {
  /** Holds the source and the working folder; on local disk the lake as well. */
  readonly folder: string;
  readonly location: StorageLocation;
  readonly env: StorageEnvironment;
}

/** Where lakes can be made and copied. */
export interface Place {
  readonly name: string;
  create(name: string): Promise<Lake>;
  copy(lake: Lake, name: string): Promise<Lake>;
}

export function localPlace(root: string): Place {
  const at = (name: string): Lake => {
    const folder = join(root, name);
    return { folder, location: { uri: join(folder, 'lake'), s3: {} }, env: {} };
  };
  return {
    name: 'on local disk',
    create: async (name) => {
      await mkdir(join(root, name), { recursive: true });
      return at(name);
    },
    copy: async (lake, name) => {
      await cp(lake.folder, join(root, name), { recursive: true, preserveTimestamps: true });
      return at(name);
    },
  };
}

export function s3Place(root: string, bucket: StorageLocation, env: StorageEnvironment): Place {
  const at = (name: string): Lake => ({
    folder: join(root, name),
    location: { ...bucket, uri: `${bucket.uri}/${name}` },
    env,
  });
  return {
    name: 'in a bucket',
    create: async (name) => {
      await mkdir(join(root, name), { recursive: true });
      return at(name);
    },
    copy: async (lake, name) => {
      const copied = at(name);
      await cp(lake.folder, copied.folder, { recursive: true, preserveTimestamps: true });
      const whole = await openStorage(bucket, env);
      const prefix = lake.location.uri.slice(bucket.uri.length + 1);
      for await (const { key } of whole.list(`${prefix}/`))
        await whole.copy(key, `${name}${key.slice(prefix.length)}`);
      return copied;
    },
  };
}

/** @param config What the configuration has beside source and lake. */
export async function openLake(
  lake: Lake,
  listeners: WriteListeners = {},
  config: object = { tables: TABLES },
): Promise<Scenario> {
  const storage = wrapStorage(await openStorage(lake.location, lake.env), listeners);
  return openScenario(lake.folder, config, { storage });
}

export async function writeFiles(scenario: Pick<Scenario, 'write'>, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) await scenario.write(name, content);
}

async function keysOf(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys;
}

/** What a reader that only lists sees: each visible file with the hash of its bytes. */
export async function visibleFiles({ storage }: Scenario): Promise<Map<string, string>> {
  const keys = [...(await keysOf(storage, 'full-load/')), ...(await keysOf(storage, 'cdc/'))];
  const hashed = await Promise.all(
    keys.map(async (key) => {
      const bytes = await storage.read(key);
      return [
        key,
        createHash('sha256')
          .update(bytes ?? '')
          .digest('hex'),
      ] as const;
    }),
  );
  return new Map(hashed);
}

/** Every row of every visible file, as text, in an order of its own; without the time, which no two runs share. */
export async function visibleRows(scenario: Scenario): Promise<string[]> {
  const rows: string[] = [];
  for (const key of (await visibleFiles(scenario)).keys()) {
    const kind = key.replace(/_\d{8}_\d{6}/, '');
    for (const { _cdc_timestamp: _, ...row } of await scenario.rows(key))
      rows.push(`${kind} ${JSON.stringify(row)}`);
  }
  return rows.toSorted();
}

/** Fails where a file that was visible is now gone or another one. */
export function expectKept(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  for (const [key, hash] of before) expect(after.get(key), `${key} is as it was`).toBe(hash);
}

/** Fails where verification finds something, or the lake holds what its newest entry does not name. */
export async function expectTidy(scenario: Scenario): Promise<void> {
  const verified = await scenario.verify();
  expect(Object.values(verified.tables).flatMap((table) => table.problems)).toEqual([]);
  const ledger = await scenario.ledger();
  const named = Object.values(ledger.at(-1)?.tables ?? {}).flatMap(({ base }) =>
    base.segments.map(({ key }) => key),
  );
  expect(await keysOf(scenario.storage, '_igarape/snapshots/')).toEqual(named.toSorted());
  expect(await keysOf(scenario.storage, '_igarape/staging/')).toEqual([]);
  expect(await readdir(join(scenario.config.workDir, 'runs'))).toEqual([]);
  for (const name of await keysOf(scenario.storage, '_igarape/ledger/')) {
    expect(JSON.parse(Buffer.from((await scenario.storage.read(name)) ?? '').toString())).toHaveProperty(
      'format',
    );
  }
}
