import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openLog } from '../../src/cli/log.ts';
import { Session } from '../../src/cli/session.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const HEX = '0123456789abcdef0123456789abcdef';

/** Every form in which a credential may reach a log line, each with what must not be left of it. */
const FORMS: readonly (readonly [string, string, string])[] = [
  ['a Bearer header', `Authorization: Bearer ${SECRET}`, SECRET],
  ['a Basic header', 'authorization: Basic ZG9ubzpzZWdyZWRv', 'ZG9ubzpzZWdyZWRv'],
  ['a header with another scheme', `{"authorization":"Token abc ${SECRET}"}`, SECRET],
  ['a bare Bearer token', `sent bearer ${SECRET} to it`, SECRET],
  ['user and password in an address', 'GET https://dono:s3gredo@host/data.zip failed', 's3gredo'],
  ['a proxy with a password that has an @', 'proxy http://dono:s3gr@do@proxy:3128', 's3gr@do'],
  [
    'a URL of Google storage',
    'https://storage.googleapis.com/b/o?X-Goog-Algorithm=RSA&X-Goog-Credential=svc%40x&X-Goog-Signature=5f0c8a',
    '5f0c8a',
  ],
  [
    "Google's credential in a URL",
    'https://storage.googleapis.com/b/o?X-Goog-Credential=svc%40project&X-Goog-Date=1',
    'svc%40project',
  ],
  ['a signed URL of S3', 'https://b.s3.amazonaws.com/k?X-Amz-Signature=9e1c44&X-Amz-Date=1', '9e1c44'],
  [
    'a session token in a URL',
    `https://b.s3.amazonaws.com/k?x=1&X-Amz-Security-Token=${encodeURIComponent(SECRET)}`,
    encodeURIComponent(SECRET),
  ],
  [
    'an older signed URL',
    'https://b.s3.amazonaws.com/k?AWSAccessKeyId=AKIDOLD&Expires=1&Signature=vjbyPxybdZaNmGa',
    'vjbyPxybdZaNmGa',
  ],
  ['a SAS URL', 'https://x.blob.core.windows.net/c/b?sv=2022&sig=pLzQ8w%3D', 'pLzQ8w'],
  ['a token in a URL', 'https://host/data.csv?token=s3gredo-9', 's3gredo-9'],
  [
    "S3's own header",
    `AWS4-HMAC-SHA256 Credential=AKIDX/2026/s3, SignedHeaders=host, Signature=fe5f80f7`,
    'fe5f80f7',
  ],
  ['an access key id', 'no access for AKIAIOSFODNN7EXAMPLE here', 'AKIAIOSFODNN7EXAMPLE'],
  ['a temporary access key id', 'no access for ASIAIOSFODNN7EXAMPLE here', 'ASIAIOSFODNN7EXAMPLE'],
  ['a line of an environment', `AWS_SECRET_ACCESS_KEY=${SECRET}`, SECRET],
  ['a line of a credentials file', `aws_session_token = ${SECRET}`, SECRET],
  ['an object of the SDK', `{ secretAccessKey: '${SECRET}', sessionToken: "${SECRET}" }`, SECRET],
  ['JSON within JSON', JSON.stringify({ body: JSON.stringify({ refresh_token: SECRET }) }), SECRET],
  ['a kaggle.json', `{"username":"dono","key":"${HEX}"}`, HEX],
  ['a variable of Kaggle', `KAGGLE_KEY=${HEX}`, HEX],
  ['a token of Kaggle', 'tried KGAT_7f3a9c21d04e and was refused', 'KGAT_7f3a9c21d04e'],
  [
    'a JSON web token',
    'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4 back',
    'SflKxwRJSMeKKF2QT4',
  ],
  ['a key and a secret in an address of a bucket', `s3://AKIDOLD:${SECRET}@bucket/raw`, SECRET],
  ['a secret under a misspelt name', `{"aws_secret_acess_key":"${SECRET}"}`, SECRET],
  ['a password under a misspelt name', 'db_passwrd: s3gredo-9', 's3gredo-9'],
  ['an XML answer', `<Error><SecretAccessKey>${SECRET}</SecretAccessKey></Error>`, SECRET],
];

async function logged(
  write: (log: ReturnType<Awaited<ReturnType<typeof openLog>>['correlated']>) => void,
  known: string[] = [],
): Promise<string> {
  const session = new Session();
  session.redactor.add(known);
  const log = await openLog(dir(), { logLevel: 'silent', color: false, session });
  write(log.correlated('test'));
  return readFile(log.path, 'utf8');
}

test.each(FORMS)('%s is not in the log, in a message or in a field', async (_what, text, secret) => {
  const lines = await logged((log) => {
    log.error({}, text);
    log.debug({ deep: [{ text }], stack: new Error(text).stack }, 'a field');
  });
  expect(lines).not.toContain(secret);
  expect(lines).not.toContain(JSON.stringify(secret).slice(1, -1));
  expect(lines.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(3);
  expect(() =>
    lines
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).not.toThrow();
});

test('a secret that is known by its value is not in the log, whatever stands around it', async () => {
  const secret = 'quote"and\\slash/and+more';
  const lines = await logged(
    (log) => {
      log.info(
        { plain: secret, nested: JSON.stringify({ secret }), url: `x${encodeURIComponent(secret)}y` },
        `it is ${secret}`,
      );
    },
    [secret],
  );
  for (const part of ['and\\\\slash', 'slash/and', 'slash%2Fand']) expect(lines).not.toContain(part);
});

test('what only resembles a credential stays', async () => {
  const fields = {
    key: 'cdc/clientes_20251004_120000.parquet',
    sha256: HEX + HEX,
    url: 'https://host/data.zip?version=3&page=2',
    primaryKey: ['idCliente'],
    file: 's3://bucket/prefix',
    endpoint: 'http://localhost:9000/a/me@example.org',
  };
  const lines = await logged((log) =>
    log.info(fields, 'a basic key of 3 tables, signature of the source unchanged'),
  );
  expect(JSON.parse(lines.trim().split('\n').at(-1) ?? '')).toMatchObject({
    ...fields,
    msg: 'a basic key of 3 tables, signature of the source unchanged',
  });
});

test('a log that grows large while the program runs is set aside, and no line is lost', async () => {
  const log = await openLog(dir(), { logLevel: 'silent', color: false, session: new Session() }, 4000);
  const logger = log.correlated('test');
  for (let line = 0; line < 60; line++) logger.info({ line }, 'x'.repeat(40));
  const [now, before] = await Promise.all([log.path, `${log.path}.1`].map((path) => readFile(path, 'utf8')));
  const lines = [before ?? '', now ?? ''].flatMap((text) =>
    [...text.matchAll(/"line":(\d+)/g)].map(([, n]) => Number(n)),
  );
  expect(now?.length).toBeLessThan(4300);
  expect(before?.length).toBeLessThan(4300);
  expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => 60 - lines.length + index));
});
