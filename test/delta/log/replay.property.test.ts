import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LoggedFile, readAdd } from '../../../src/delta/log/logged-file.ts';
import { Replay } from '../../../src/delta/log/replay.ts';
import { numRecords } from '../../../src/delta/protocol/row-count.ts';

const HEAD = [
  '{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}',
  '{"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":[],"configuration":{}}}',
];

interface Line {
  readonly act: 'add' | 'remove';
  readonly file: number;
  readonly vector: number | undefined;
  /** How its writer puts it: as most do, with the path last, with spaces, with an escape in the path, or at a line end of Windows. */
  readonly form: 'plain' | 'last' | 'spaced' | 'escaped' | 'crlf';
}

const lineOf: fc.Arbitrary<Line> = fc.record({
  act: fc.constantFrom('add', 'remove'),
  file: fc.nat(3),
  vector: fc.option(fc.nat(2), { nil: undefined }),
  form: fc.constantFrom('plain', 'last', 'spaced', 'escaped', 'crlf'),
});

function textOf({ act, file, vector, form }: Line): string {
  const facts = { partitionValues: {}, size: 1, dataChange: true };
  const rest = act === 'add' ? { ...facts, modificationTime: 0, stats: `{"numRecords":${file}}` } : facts;
  const deletionVector = {
    storageType: 'u',
    pathOrInlineDv: `v${vector ?? ''}`,
    sizeInBytes: 1,
    cardinality: 1,
  };
  const more = vector === undefined ? rest : { ...rest, deletionVector };
  const path = `part-${file}.parquet`;
  const text = JSON.stringify({ [act]: form === 'last' ? { ...more, path } : { path, ...more } });
  if (form === 'spaced') return text.replaceAll('":', '" : ');
  if (form === 'escaped') return text.replace('part-', '\\u0070art-');
  return form === 'crlf' ? `${text}\r` : text;
}

/** The live files by path, and their vectors: by the protocol, a commit's removes come before its adds. */
function modelOf(commits: readonly (readonly Line[])[]): Map<string, number | undefined> {
  const files = new Map<string, number | undefined>();
  for (const lines of commits) {
    for (const { file, vector, act } of lines) {
      const path = `part-${file}.parquet`;
      if (act === 'remove' && files.has(path) && files.get(path) === vector) files.delete(path);
    }
    for (const { file, vector, act } of lines) if (act === 'add') files.set(`part-${file}.parquet`, vector);
  }
  return files;
}

test('a log is the same, whatever form its writers give its lines', () => {
  fc.assert(
    fc.property(fc.array(fc.array(lineOf, { maxLength: 6 }), { maxLength: 5 }), (commits) => {
      const replay = new Replay();
      replay.apply({ file: 'head', text: HEAD.join('\n') });
      for (const [index, lines] of commits.entries())
        replay.apply({ file: `commit ${index}`, text: `${lines.map((line) => textOf(line)).join('\n')}\n` });
      const { files } = replay.finish('t');
      const found = [...files.all()].map(([path, { action }]) => {
        expect(action.path).toBe(path);
        expect(numRecords(action.stats)).toBe(Number(path.slice(5, 6)));
        return [path, action.deletionVector?.pathOrInlineDv] as const;
      });
      const expected = [...modelOf(commits)].map(
        ([path, vector]) => [path, vector === undefined ? undefined : `v${vector}`] as const,
      );
      expect(new Map(found)).toEqual(new Map(expected));
    }),
    { numRuns: 300 },
  );
});

test('files of a checkpoint that came by their paths alone are those that they would be, had each been read', () => {
  // A checkpoint names each once.
  const pieces = fc
    .tuple(fc.uniqueArray(fc.nat(5)), fc.nat(5))
    .map(([files, cut]) => [files.slice(0, cut), files.slice(cut)]);
  fc.assert(
    fc.property(
      pieces,
      fc.array(lineOf, { maxLength: 3 }),
      fc.array(fc.array(lineOf, { maxLength: 4 }), { maxLength: 4 }),
      fc.array(fc.nat(5)),
      fc.boolean(),
      (named, between, commits, read, isCounted) => {
        const replay = new Replay();
        replay.apply({ file: 'head', text: HEAD.join('\n') });
        const apply = (lines: readonly Line[]): void =>
          replay.apply({ file: 'commit', text: lines.map((line) => textOf(line)).join('\n') });
        const steps: (readonly Line[])[] = [];
        for (const [index, piece] of named.entries()) {
          if (piece.length > 0)
            replay.applyPaths('checkpoint', piece.map((file) => `part-${file}.parquet`).join('\n'));
          steps.push(piece.map((file) => ({ file, vector: undefined, act: 'add', form: 'plain' })));
          if (index > 0) continue;
          apply(between);
          steps.push(between);
        }
        for (const lines of commits) apply(lines);
        const { files } = replay.finish('t');
        const expected = modelOf([...steps, ...commits]);
        expect(isCounted ? files.size : expected.size).toBe(expected.size);
        // Some of them are read.
        for (const file of read) {
          const line = { act: 'add', file, vector: undefined, form: 'last' } as const;
          const log = { file: 'checkpoint', text: textOf(line) };
          const place = { log, number: 1, start: 0, end: log.text.length };
          if (named.flat().includes(file))
            files.complete(new LoggedFile(`part-${file}.parquet`, undefined, place, readAdd));
        }
        const found = [...files.all()].map(([path, { vectorId }]) => [path, vectorId?.slice(1)] as const);
        const vectors = [...expected].map(
          ([path, vector]) => [path, vector === undefined ? undefined : `v${vector}`] as const,
        );
        expect(new Map(found)).toEqual(new Map(vectors));
        expect(files.size).toBe(expected.size);
        for (const file of files.read()) expect(file.action.path).toBe(file.pathKey);
      },
    ),
    { numRuns: 300 },
  );
});
