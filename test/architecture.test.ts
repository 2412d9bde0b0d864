import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

/** Left to right: a folder imports only what stands left of it; those in one row are peers. The last are the public APIs. */
const LAYERS: readonly (readonly string[])[] = [
  ['core'],
  ['config', 'storage', 'engine'],
  ['source', 'snapshot'],
  ['changes'],
  ['lake', 'delta'],
  ['spark'],
  ['medallion'],
  ['pipeline'],
  ['explore', 'schedule'],
  ['ui'],
  ['cli'],
  ['index.ts', 'delta.ts'],
];
const PEERS_ALLOWED = new Set(['snapshot → source']);

/** The rooms of `delta/`, the lowest first: each imports only what stands before it. What they make up lies beside them. */
const DELTA_ROOMS: readonly string[] = [
  'protocol',
  'schema',
  'files',
  'vectors',
  'log',
  'read',
  'keys',
  'write',
  'operations',
  'merge',
  'maintain',
];

/** Files and folders of each folder's adapters. What else stands there is shared by them. */
const ADAPTERS: Readonly<Record<string, RegExp>> = {
  storage: /^storage\/(local|s3|memory)(?=[-./])/,
  source: /^source\/(files|http\/http|kaggle|s3)(?=[-./])/,
};

/** Where a library may be imported. */
const LIBRARIES: readonly { readonly what: string; readonly name: RegExp; readonly only: RegExp }[] = [
  { what: 'DuckDB', name: /^@duckdb\//, only: /^engine\// },
  { what: 'Arrow', name: /^apache-arrow$/, only: /^delta\/.*\/arrow-/ },
  { what: 'the page’s server', name: /^(?:hono|@hono\/node-server)$/, only: /^ui\// },
  { what: 'gRPC', name: /^(?:@grpc\/grpc-js|protobufjs)$/, only: /^spark\/connect\// },
  { what: 'the S3 client', name: /^@(?:aws-sdk|smithy)\//, only: /^storage\/s3\// },
  {
    what: 'arguments and terminals',
    name: /^(?:commander|@clack\/prompts|string-width|pino|pino-pretty)$/,
    only: /^cli\//,
  },
];

/** What only the edge may touch: everything inside takes a clock, an environment and a log as arguments. */
const EDGE = /^(?:cli\/|index\.ts$)/;
const OUTSIDE_WORLD =
  /\b(?:process\.(?:env|argv|exit|exitCode|stdout|stderr|stdin)|Date\.now\(|new Date\(\)|console\.)/;

const MOST_LINES = 400;

interface Import {
  readonly from: string;
  /** A file below src, or a package. */
  readonly to: string;
  /** Something of it is there at run time, as soon as the importing file is loaded. */
  readonly isValue: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'))
  .toSorted();
const code = new Map(files.map((file) => [file, withoutComments(readFileSync(join(SRC, file), 'utf8'))]));
const imports = files.flatMap((file) => importsOf(file, code.get(file) ?? ''));
const internal = imports.filter(({ to }) => to.endsWith('.ts'));

describe('the folders', () => {
  test('stand in one order, and every folder has its place in it', () => {
    const known = new Set(LAYERS.flat());
    expect([...new Set(files.map(folderOf))].filter((folder) => !known.has(folder))).toEqual([]);
  });

  test('import only what stands left of them', () => {
    expect(internal.filter(({ from, to }) => !mayImport(folderOf(from), folderOf(to))).map(arrow)).toEqual(
      [],
    );
  });

  test('have adapters that know nothing of each other, and that only open.ts knows', () => {
    const crossing = internal.filter(({ from, to }) => {
      const adapter = adapterOf(to);
      const isOpening = folderOf(from) === folderOf(to) && basename(from) === 'open.ts';
      return (
        folderOf(from) === folderOf(to) && adapter !== undefined && adapter !== adapterOf(from) && !isOpening
      );
    });
    expect(crossing.map(arrow)).toEqual([]);
  });

  test('have, in delta, rooms that import only what stands below them', () => {
    const own = internal.filter(({ from, to }) => folderOf(from) === 'delta' && folderOf(to) === 'delta');
    expect(own.length).toBeGreaterThan(100);
    expect(own.filter(({ from, to }) => floorOf(to) > floorOf(from)).map(arrow)).toEqual([]);
    expect(findCycle(own)).toBeUndefined();
  });

  test('have, in delta, no other rooms, and beside these only what opens, describes, checks and is the table', () => {
    const rooms = new Set(files.filter((file) => folderOf(file) === 'delta').map(roomOf));
    const beside = ['arguments.ts', 'describe.ts', 'open-table.ts', 'table.ts'];
    expect(rooms).toEqual(new Set([...DELTA_ROOMS, ...beside]));
  });

  test('have no index files', () => {
    expect(files.filter((file) => basename(file).startsWith('index.') && file !== 'index.ts')).toEqual([]);
  });
});

describe('the files', () => {
  test('import only files that exist', () => {
    expect(internal.filter(({ to }) => !files.includes(to)).map(arrow)).toEqual([]);
  });

  test('do not import each other in circles', () => {
    expect(findCycle(internal.filter(({ isValue }) => isValue))).toBeUndefined();
  });

  test.each(LIBRARIES)('import what is for $what in one place only', ({ name, only }) => {
    expect(imports.filter(({ from, to }) => name.test(to) && !only.test(from)).map(arrow)).toEqual([]);
  });

  test('get the environment, the clock and the output as arguments, but at the edge', () => {
    const touching = files
      .filter((file) => !EDGE.test(file))
      .flatMap((file) => {
        const found = OUTSIDE_WORLD.exec(code.get(file) ?? '');
        return found === null ? [] : [`${file}: ${found[0]}`];
      });
    expect(touching).toEqual([]);
  });

  test('create folders by ensureFolder alone, for Node’s way may never end', () => {
    const own = files.filter((file) => /\bmkdir(?:Sync)?\([^;]*\brecursive\b/.test(code.get(file) ?? ''));
    expect(own).toEqual([]);
  });

  test(`have at most ${MOST_LINES} lines`, () => {
    expect(files.filter((file) => linesOf(file) > MOST_LINES)).toEqual([]);
  });

  test('export by name only', () => {
    expect(files.filter((file) => /^export default\b/m.test(code.get(file) ?? ''))).toEqual([]);
  });
});

test('the orders in docs/architecture.md are those that are tested here', () => {
  const page = readFileSync(join(SRC, '..', 'docs', 'architecture.md'), 'utf8');
  const shown = LAYERS.slice(0, -1)
    .map((peers) => peers.join(', '))
    .join(' ← ');
  expect(page).toContain(shown);
  expect(page).toContain(DELTA_ROOMS.map((room) => `${room}/`).join(' ← '));
});

function mayImport(from: string, to: string): boolean {
  const placeOf = (folder: string): number => LAYERS.findIndex((peers) => peers.includes(folder));
  return from === to || placeOf(to) < placeOf(from) || PEERS_ALLOWED.has(`${from} → ${to}`);
}

function roomOf(file: string): string {
  return file.split('/')[1] ?? '';
}

/** What lies beside the rooms stands above them all. */
function floorOf(file: string): number {
  const room = DELTA_ROOMS.indexOf(roomOf(file));
  return room < 0 ? DELTA_ROOMS.length : room;
}

function linesOf(file: string): number {
  return readFileSync(join(SRC, file), 'utf8').split('\n').length - 1;
}

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function adapterOf(file: string): string | undefined {
  return ADAPTERS[folderOf(file)]?.exec(file)?.[1];
}

function arrow({ from, to }: Import): string {
  return `${from} → ${to}`;
}

function importsOf(from: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (name: string, isValue: boolean): void => {
    if (name.startsWith('node:')) return;
    const isOwn = name.startsWith('.');
    const to = isOwn ? relative(SRC, join(SRC, dirname(from), name)).replaceAll('\\', '/') : name;
    found.push({ from, to, isValue });
  };
  for (const [, type, names = '', name = ''] of text.matchAll(
    /^(?:import|export)\s+(type\s)?([^;'"]*?)\s*from\s*'([^']+)'/gm,
  )) {
    add(name, type === undefined && !areAllTypes(names));
  }
  for (const [, name = ''] of text.matchAll(/^import\s*'([^']+)'/gm)) add(name, true);
  for (const [, name = ''] of text.matchAll(/\bimport\(\s*'([^']+)'/g)) add(name, false);
  return found.map((one) => ({ ...one, to: packageName(one.to) }));
}

/** `{ type A, type B }` leaves nothing at run time. */
function areAllTypes(names: string): boolean {
  const inner = /^\{(.*)\}$/s.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  return inner
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .every((part) => part.startsWith('type '));
}

function packageName(to: string): string {
  return to.endsWith('.ts') || existsSync(join(SRC, to))
    ? to
    : to
        .split('/')
        .slice(0, to.startsWith('@') ? 2 : 1)
        .join('/');
}

function findCycle(edges: readonly Import[]): readonly string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const to of next.get(file) ?? []) {
      const cycle = visit(to, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** Also inside of texts, which can only hide something that would not be code anyway. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}
