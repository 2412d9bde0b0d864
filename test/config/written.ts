import type { Config } from '../../src/config/config.ts';
import { showPath } from '../../src/config/problem.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

const SMALLEST = { dataset_name: 'owner/slug', tables: [{ name: 't', pk: 'id' }] };

/** A valid configuration with these keys put into it; `undefined` takes one away. */
export function written(keys: object): object {
  const base = 'source' in keys ? { tables: SMALLEST.tables } : SMALLEST;
  return Object.fromEntries(Object.entries({ ...base, ...keys }).filter(([, value]) => value !== undefined));
}

export function writtenTable(keys: object): object {
  return written({ tables: [{ name: 't', pk: 'id', ...keys }] });
}

export function accepted(keys: object, folder = '/project'): Config {
  const resolved = resolveConfig(written(keys), folder);
  if (resolved.kind === 'valid') return resolved.config;
  throw new Error(resolved.problems.map(({ path, message }) => `${showPath(path)}: ${message}`).join('\n'));
}

/** The problems that a configuration is refused for: message by path. */
export function refusals(raw: unknown, folder = '/project'): Record<string, string> {
  const resolved = resolveConfig(raw, folder);
  if (resolved.kind === 'valid') return {};
  return Object.fromEntries(resolved.problems.map(({ path, message }) => [showPath(path), message]));
}
