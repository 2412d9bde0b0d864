import { describe, expect, test } from 'vitest';
import { readReply } from '../../../src/source/kaggle/errors.ts';
import type { ApiFault } from '../../support/fake-kaggle.ts';
import { failureOf, outcomes, useKaggle } from './fixture.ts';

const { kaggle, source, context, table, waits } = useKaggle();

const files = { 'clientes.csv': 'id\n1\n' };

async function failing(env: Record<string, string> = {}): Promise<Awaited<ReturnType<typeof failureOf>>> {
  return await failureOf(source({}, env).open([table('clientes')], context()));
}

function times(count: number, fault: ApiFault): ApiFault[] {
  return Array.from({ length: count }, () => fault);
}

describe('a refusal', () => {
  test('of an anonymous caller says to set a token', async () => {
    await kaggle().publish(1, files);
    kaggle().authorization = 'Bearer other';
    const error = await failing();
    expect(error).toMatchObject({ code: 'SOURCE_UNAUTHENTICATED', exitCode: 3, retryable: false });
    expect(error.message).toContain('dono/loja (HTTP 401: Unauthorized)');
    expect(error.hint).toContain('KAGGLE_API_TOKEN');
    expect(waits()).toEqual([]);
  });

  test('of a token says which token it was, and that it may have expired', async () => {
    await kaggle().publish(1, files);
    kaggle().authorization = 'Bearer other';
    const error = await failing({ KAGGLE_API_TOKEN: 'expired-secret' });
    expect(error.code).toBe('SOURCE_UNAUTHENTICATED');
    expect(error.hint).toMatch(/the token in KAGGLE_API_TOKEN, which may have expired/);
    expect(`${error.message}${error.hint}`).not.toContain('expired-secret');
  });

  test('that comes as HTTP 200 with code 401 is one', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi('GetDataset', { status: 200, body: { code: 401, message: 'Unauthenticated' } });
    expect(await failing()).toMatchObject({ code: 'SOURCE_UNAUTHENTICATED' });
  });

  test('for want of rights says to accept the rules, and is not repeated', async () => {
    await kaggle().publish(1, files);
    const body = { code: 403, message: "Permission 'datasets.get' was denied" };
    kaggle().failApi('GetDataset', { status: 403, body });
    const error = await failing();
    expect(error).toMatchObject({ code: 'SOURCE_FORBIDDEN', retryable: false });
    expect(error.message).toContain("Permission 'datasets.get' was denied");
    expect(error.hint).toMatch(/https:\/\/www\.kaggle\.com\/datasets\/dono\/loja.*accept/);
    expect(waits()).toEqual([]);
  });

  test('to download says the same, after the version was seen', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi('DownloadDataset', { status: 403, body: { code: 403, message: 'Accept the rules' } });
    expect(await failing()).toMatchObject({ code: 'SOURCE_FORBIDDEN' });
    expect(waits()).toEqual([]);
  });

  test('for a data set that does not exist names it, and is not repeated', async () => {
    const opening = source({ dataset: 'dono/nada' }).open([table('clientes')], context());
    const error = await failureOf(opening);
    expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND', retryable: false });
    expect(error.message).toContain('dono/nada');
    expect(waits()).toEqual([]);
  });
});

describe('too many requests', () => {
  const grpc = { error: { code: 429, message: 'Too many requests', status: 'RESOURCE_EXHAUSTED' } };

  test('are repeated after the seconds that the server asks for', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi('GetDataset', { status: 429, headers: { 'retry-after': '17' }, body: grpc });
    expect(await outcomes(await source().open([table('clientes')], context()))).toEqual({
      clientes: 'id\n1\n',
    });
    expect(waits()).toEqual([17_000]);
  });

  test('are repeated at the time that the server names', async () => {
    await kaggle().publish(1, files);
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:00:40 GMT' };
    kaggle().failApi('GetDataset', { status: 429, headers, body: { code: 429, message: 'TooManyRequests' } });
    await source().open([table('clientes')], context());
    expect(waits()).toEqual([40_000]);
  });

  test('are repeated with growing waits where the server names none, or too short ones', async () => {
    await kaggle().publish(1, files);
    const headers = { 'retry-after': '0' };
    kaggle().failApi('GetDataset', { status: 429, body: grpc }, { status: 429, headers, body: grpc });
    await source().open([table('clientes')], context());
    expect(waits()).toEqual([1000, 2000]);
  });

  test('that do not end are an error worth another run', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi(
      'GetDataset',
      ...times(6, { status: 429, headers: { 'retry-after': '99999' }, body: grpc }),
    );
    expect(await failing()).toMatchObject({ code: 'SOURCE_RATE_LIMITED', retryable: true, exitCode: 3 });
    expect(waits()).toEqual(Array.from({ length: 5 }, () => 120_000));
  });
});

describe('trouble of the server', () => {
  const html = '<!DOCTYPE html><html>Sorry</html>';

  test.each([
    ['an HTML page under a JSON content type', { status: 502, body: html }],
    ['an HTML page under status 200', { status: 200, body: html }],
    ['an empty answer', { status: 503, body: '' }],
    ['plain text', { status: 500, headers: { 'content-type': 'text/plain' }, body: 'upstream error' }],
  ] as const)('%s is repeated', async (_case, fault) => {
    await kaggle().publish(1, files);
    kaggle().failApi('GetDataset', fault);
    expect(await outcomes(await source().open([table('clientes')], context()))).toEqual({
      clientes: 'id\n1\n',
    });
    expect(waits()).toEqual([1000]);
  });

  test('that does not end is an error without the page in it', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi('GetDataset', ...times(6, { status: 502, body: html }));
    const error = await failing();
    expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
    expect(error.message).toContain('it answered with a web page');
    expect(error.message).not.toContain('<html>');
  });

  test('an error in the list of files does not keep the files away', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi('ListDatasetFiles', ...times(6, { status: 200, body: { errorMessage: 'Oops' } }));
    expect(await outcomes(await source().open([table('clientes')], context()))).toEqual({
      clientes: 'id\n1\n',
    });
  });

  test('an answer without a version number is told as such', async () => {
    await kaggle().publish(1, files);
    kaggle().failApi('GetDataset', { status: 200, body: { title: 'x' } });
    expect(await failing()).toMatchObject({ code: 'SOURCE_CORRUPT' });
  });
});

test('a server that is not there is told as such, after some tries', async () => {
  const { endpoint } = kaggle();
  await kaggle().close();
  const error = await failureOf(source({ endpoint }).open([table('clientes')], context()));
  expect(error).toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
  expect(error.message).toMatch(/connection was refused/);
  expect(waits()).toHaveLength(5);
});

const forms: readonly (readonly [number, string, number, string])[] = [
  [404, '{"code":404,"message":"Not found"}', 404, 'Not found'],
  [200, '{"code":"404","error":"x","message":"Not found"}', 404, 'Not found'],
  [429, '{"error":{"code":429,"message":"Too many","status":"RESOURCE_EXHAUSTED"}}', 429, 'Too many'],
  [200, '{"error":{"code":403,"message":"No"}}', 403, 'No'],
  [400, '{"message":"Bad"}', 400, 'Bad'],
  [200, '{"errors":[{"code":401,"message":"Who?"}]}', 401, 'Who?'],
  [400, '{"errors":["plain"]}', 400, 'plain'],
  [500, '{"error":"plain"}', 500, 'plain'],
  [403, '<html></html>', 403, 'it answered with a web page'],
  [404, '', 404, 'it answered with nothing'],
  [200, 'text', 502, 'it answered with text'],
  [403, '{"message":"see https://s/x?X-Goog-Signature=abc now"}', 403, 'see https://s/x now'],
];

test.each(forms)('HTTP %d with %s is read as %d', (status, body, expected, message) => {
  expect(readReply(status, body)).toEqual({ kind: 'error', status: expected, message });
});

test('an answer with an empty list of errors is none', () => {
  expect(readReply(200, '{"errors":[],"a":1}')).toEqual({ kind: 'json', json: { errors: [], a: 1 } });
});
