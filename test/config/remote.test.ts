import { describe, expect, it } from 'vitest';
import { sparkEngine } from '../../src/config/environment.ts';
import { parseRemote } from '../../src/config/remote.ts';
import { resolveConfig } from '../../src/config/resolve.ts';

const PLAIN = { port: 15_002, token: undefined, isSecure: false, userId: 'igarape', headers: {} };

describe('the address of a Spark Connect server', () => {
  it.each([
    ['sc://spark.example', { ...PLAIN, host: 'spark.example' }],
    ['sc://spark.example:443/', { ...PLAIN, host: 'spark.example', port: 443 }],
    ['sc://[::1]:15002', { ...PLAIN, host: '[::1]' }],
    ['sc://a/;token=x%3D%2Fy', { ...PLAIN, host: 'a', token: 'x=/y', isSecure: true }],
    ['sc://a/;token=100%;use_ssl=true', { ...PLAIN, host: 'a', token: '100%', isSecure: true }],
    ['sc://localhost/;token=x', { ...PLAIN, host: 'localhost', token: 'x' }],
    ['sc://a/;user_id=ana;use_ssl=true', { ...PLAIN, host: 'a', userId: 'ana', isSecure: true }],
    ['sc://a/;x-team=data', { ...PLAIN, host: 'a', headers: { 'x-team': 'data' } }],
  ])('is read as Spark’s own clients read it: %s', (text, remote) => {
    expect(parseRemote(text)).toEqual(remote);
  });

  it.each([
    'spark.example:15002',
    'http://spark.example',
    'sc://',
    'sc://a:99999',
    'sc://a/path',
    'sc://user@a',
    'sc://a;token=x',
    'sc://a/;token=',
    'sc://a/;token',
    'sc://a/;use_ssl=yes',
    'sc://a/;session=x',
    'sc://a/;token=x;use_ssl=false',
  ])('is refused where it says something else, or sends a token for all to read: %s', (text) => {
    expect(parseRemote(text)).toBeUndefined();
  });

  it('holds no token in the configuration', () => {
    const engine = { type: 'spark', remote: 'sc://a/;token=s3cret' };
    const resolved = resolveConfig(
      { engine, source: { type: 'files', path: './source' }, tables: [{ name: 'a', pk: 'b' }] },
      '/',
    );
    expect(resolved).toMatchObject({ kind: 'invalid', problems: [{ path: ['engine', 'remote'] }] });
  });

  it('stands in the environment before it does in the configuration, and somewhere', () => {
    const written = { type: 'spark', remote: 'sc://a' } as const;
    expect(sparkEngine(written, {})).toEqual(written);
    expect(sparkEngine(written, { SPARK_REMOTE: 'sc://b' })).toEqual({ ...written, remote: 'sc://b' });
    expect(() => sparkEngine({ type: 'duckdb' }, { SPARK_REMOTE: ' ' })).toThrow(/nothing says where it is/);
    const secret = { SPARK_REMOTE: 'sc://a/;token=s3cret;use_ssl=false' };
    expect(() => sparkEngine(written, secret)).toThrow(/^(?!.*s3cret).*no address/);
  });
});
