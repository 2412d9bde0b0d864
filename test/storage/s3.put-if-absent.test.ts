import { describe, expect, it } from 'vitest';
import { honoursIfAbsent } from '../../src/storage/conditional.ts';
import type { Storage } from '../../src/storage/port.ts';
import { OK, useChosenAnswers } from './s3-answers.ts';
import { s3Refusal, type SeenRequest, type Treatment } from './s3-proxy.ts';

const s3 = useChosenAnswers();

describe('putIfAbsent', () => {
  it('asks for the object to be absent, and sends the body once', async () => {
    const storage = await s3.answering([OK]);
    expect(await put(storage)).toBe(true);
    expect(s3.seen()).toHaveLength(1);
    expect(s3.seen()[0]).toMatchObject({ method: 'PUT', url: expect.stringMatching(/^\/b\/p\/key(\?|$)/) });
    expect(s3.seen()[0]?.headers).toMatchObject({ 'if-none-match': '*' });
    expect(s3.seen()[0]?.body.toString()).toBe('ours');
  });

  const exists = s3Refusal(412, 'PreconditionFailed');
  it.each([
    ['at once', []],
    ['after a 409', [s3Refusal(409, 'ConditionalRequestConflict')]],
    ['after an answer that left it open', [s3Refusal(500, 'InternalError')]],
  ])('looks whose object it is when a 412 comes %s', async (_, before) => {
    expect(await put(await s3.answering([...before, exists, { status: 200, body: 'ours' }]))).toBe(true);
    expect(await put(await s3.answering([...before, exists, { status: 200, body: 'theirs' }]))).toBe(false);
    expect(s3.seen().map(({ method }) => method)).toEqual([...before.map(() => 'PUT'), 'PUT', 'GET']);
  });

  it('leaves it open, and does not say that another was first, when the object cannot be read', async () => {
    const storage = await s3.answering([exists, s3Refusal(403, 'AccessDenied')]);
    await expect(put(storage)).rejects.toMatchObject({ code: 'LAKE_FORBIDDEN' });
    const gone = await s3.answering([exists, s3Refusal(404, 'NoSuchKey')]);
    await expect(put(gone)).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE', retryable: true });
  });

  it('tries again after a 409', async () => {
    expect(await put(await s3.answering([s3Refusal(409, 'ConditionalRequestConflict'), OK]))).toBe(true);
  });

  it('waits at random below a bound that doubles', async () => {
    const busy = s3Refusal(503, 'SlowDown');
    const storage = await s3.answering([busy, busy, busy, busy, OK], { random: () => 0.5 });
    expect(await put(storage)).toBe(true);
    expect(s3.waitsMs()).toEqual([50, 100, 200, 400]);
  });

  it('gives up after a bounded number of tries, and says that another run may help', async () => {
    const storage = await s3.answering([s3Refusal(503, 'SlowDown')], { tries: 3 });
    await expect(put(storage)).rejects.toMatchObject({ code: 'LAKE_UNREACHABLE', retryable: true });
    expect(s3.seen().map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT', 'GET']);
  });

  it('looks whose object is there when not even the last try was answered', async () => {
    const lost: readonly Treatment[] = ['lose-request', 'lose-request'];
    expect(await put(await s3.answering([...lost, { status: 200, body: 'ours' }], { tries: 2 }))).toBe(true);
    expect(await put(await s3.answering([...lost, { status: 200, body: 'theirs' }], { tries: 2 }))).toBe(
      false,
    );
  });

  it('tries again when no answer comes in time', async () => {
    const storage = await s3.answering(['ignore', OK], { idleTimeoutMs: 100 });
    expect(await put(storage)).toBe(true);
    expect(s3.seen()).toHaveLength(2);
  });

  it('refuses a store that knows no conditional writes', async () => {
    const storage = await s3.answering([s3Refusal(501, 'NotImplemented', 'A header implies functionality.')]);
    await expect(put(storage)).rejects.toMatchObject({ code: 'LAKE_UNCONDITIONAL' });
  });
});

describe('honoursIfAbsent', () => {
  it('holds for a store that keeps the first body', async () => {
    const storage = await s3.servedBy(memoryStore(true));
    expect(await honoursIfAbsent(storage, '_igarape/', 'x1')).toBe(true);
    expect(await storage.read('_igarape/probe-x1')).toBeUndefined();
  });

  it('does not hold for a store that ignores the condition, and leaves nothing there', async () => {
    const storage = await s3.servedBy(memoryStore(false));
    expect(await honoursIfAbsent(storage, '_igarape/', 'x1')).toBe(false);
    expect(await storage.read('_igarape/probe-x1')).toBeUndefined();
  });
});

/** As much of S3 as conditional puts need; one that ignores conditions replaces. */
function memoryStore(honours: boolean): (seen: SeenRequest) => Treatment {
  const objects = new Map<string, Buffer>();
  return ({ method, url, headers, body }) => {
    const path = url.split('?', 1)[0] ?? '';
    const found = objects.get(path);
    if (method === 'PUT') {
      if (honours && found !== undefined && headers['if-none-match'] === '*')
        return s3Refusal(412, 'PreconditionFailed');
      objects.set(path, body);
      return OK;
    }
    if (method === 'GET')
      return found === undefined ? s3Refusal(404, 'NoSuchKey') : { status: 200, body: found };
    objects.clear();
    return { status: 200, body: '<DeleteResult/>' };
  };
}

function put(storage: Storage): Promise<boolean> {
  return storage.putIfAbsent('key', Buffer.from('ours'));
}
