import { describe, expect, it } from 'vitest';
import { workspaceHost } from '../../src/config/databricks.ts';
import { sparkEngine } from '../../src/config/environment.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

const HOST = 'https://dbc-a1b2.cloud.databricks.com';
const TABLES = { source: { type: 'files', path: './source' }, tables: [{ name: 'a', pk: 'b' }] };

function resolved(engine: object): ReturnType<typeof resolveConfig> {
  return resolveConfig({ engine, ...TABLES }, '/');
}

describe('a workspace of Databricks', () => {
  it.each([
    [HOST, HOST],
    [`${HOST}/`, HOST],
    ['dbc-a1b2.cloud.databricks.com', HOST],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['http://dbc-a1b2.cloud.databricks.com', undefined],
    [`${HOST}/?o=1`, undefined],
    [`${HOST}/sql`, undefined],
    ['https://user:secret@host', undefined],
    ['', undefined],
  ])('is found at its address: %s', (text, host) => {
    expect(workspaceHost(text)).toBe(host);
  });

  it.each([
    [{ warehouse_id: 'a1' }, { kind: 'warehouse', id: 'a1' }],
    [{ cluster_id: '1-2-x' }, { kind: 'cluster', id: '1-2-x' }],
  ])('computes by a warehouse or a cluster: %j', (one, compute) => {
    const found = resolved({ type: 'databricks', host: HOST, ...one });
    expect(found).toMatchObject({
      kind: 'valid',
      config: { engine: { type: 'databricks', host: HOST, compute } },
    });
  });

  it.each([
    [{}, ['engine']],
    [{ warehouse_id: 'a', cluster_id: 'b' }, ['engine']],
    [{ warehouse_id: 'a/../b' }, ['engine', 'warehouse_id']],
    [{ warehouse_id: 'a', host: 'http://host' }, ['engine', 'host']],
    [{ warehouse_id: 'a', token: 'secret' }, ['engine', 'token']],
  ])('is refused: %j', (more, path) => {
    expect(resolved({ type: 'databricks', ...more })).toMatchObject({
      kind: 'invalid',
      problems: [{ path }],
    });
  });

  it('is told by the environment, with its credentials', () => {
    const written = {
      type: 'databricks',
      compute: { kind: 'warehouse', id: 'a' },
      credentials: undefined,
    } as const;
    expect(() => sparkEngine(written, {})).toThrow(/nothing says which workspace/);
    expect(() => sparkEngine(written, { DATABRICKS_HOST: 'http://x:s3cret@y' })).toThrow(
      /^(?!.*s3cret).*no address/,
    );
    expect(sparkEngine({ ...written, host: 'https://a' }, { DATABRICKS_HOST: HOST })).toEqual({
      ...written,
      host: HOST,
    });
    const env = { DATABRICKS_HOST: HOST, DATABRICKS_CLIENT_ID: 'id', DATABRICKS_CLIENT_SECRET: 'secret' };
    expect(sparkEngine(written, env)).toMatchObject({
      credentials: { kind: 'client', id: 'id', secret: 'secret' },
    });
    expect(sparkEngine(written, { ...env, DATABRICKS_TOKEN: 'token' })).toMatchObject({
      credentials: { kind: 'token', token: 'token' },
    });
  });
});
