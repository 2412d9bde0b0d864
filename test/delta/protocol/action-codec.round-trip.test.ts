import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Action } from '../../../src/delta/protocol/actions.ts';
import { decodeActions, encodeActions } from '../../../src/delta/protocol/action-codec.ts';
import { formatJson, type Json, parseJson } from '../../../src/delta/protocol/json.ts';

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (isExact(value) ? value : 0.5)),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 80n }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

it('loses no digit of any number, and nothing else', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(parseJson(formatJson(value))).toEqual(value);
    }),
  );
});

/** Whole doubles beyond 2^53 are written as integers, and come back as such; so does -0 as 0. */
function isExact(value: number): boolean {
  return Number.isSafeInteger(value) ? !Object.is(value, -0) : !Number.isInteger(value);
}

it('gives back every line of a commit, with fields that it does not know', () => {
  const lines = [
    '{"commitInfo":{"timestamp":1,"operation":"WRITE","operationParameters":{"mode":"Append"},"big":9223372036854775807}}',
    '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}',
    '{"metaData":{"id":"a","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":["p"],"configuration":{"my.key":"kept"},"createdTime":5,"future":[1]}}',
    '{"add":{"path":"a%20b","partitionValues":{"p":null},"size":1,"modificationTime":2,"dataChange":true,"stats":"{}","deletionVector":{"storageType":"u","pathOrInlineDv":"x","offset":1,"sizeInBytes":3,"cardinality":4},"baseRowId":9007199254740993,"future":{"a":1}}}',
    '{"remove":{"path":"a%20b","deletionTimestamp":3,"dataChange":false,"extendedFileMetadata":true,"partitionValues":{},"size":1}}',
    '{"cdc":{"path":"_change_data/c","partitionValues":{},"size":1,"dataChange":false}}',
    '{"txn":{"appId":"app","version":9223372036854775807,"lastUpdated":1}}',
    '{"domainMetadata":{"domain":"d","configuration":"{}","removed":false}}',
  ];
  const text = `${lines.join('\n')}\n`;
  const actions = decodeActions(new TextEncoder().encode(text), 'commit');
  expect(new TextDecoder().decode(encodeActions(actions))).toBe(text);
});

it('passes over empty lines and unknown actions, and names the line of what is wrong', () => {
  expect(decode('\n{"tomorrow":{}}\n \n')).toEqual([]);
  expect(() => decode('{}\n{"txn":{"appId":1,"version":1}}')).toThrow(
    '0.json:2 txn: the field appId should be text, and is 1',
  );
  expect(() => decode('{"add":')).toThrow(/0\.json:1: it is not JSON/);
  expect(() => decode('{"add":{"path":"a","size":9007199254740993}}')).toThrow(
    /size should be an integer below 2\^53/,
  );
  expect(() => decodeActions(new Uint8Array([0x22, 0xff]), '0.json')).toThrow('0.json: it is not UTF-8');
});

function decode(text: string): Action[] {
  return decodeActions(new TextEncoder().encode(text), '0.json');
}
