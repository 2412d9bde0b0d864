import * as fc from 'fast-check';

/** A change of a silver table, as statements; dates are days after 2024-01-01. */
export type Change =
  | { readonly kind: 'transactions'; readonly rows: readonly Transaction[] }
  | { readonly kind: 'delete transactions'; readonly ids: readonly number[] }
  | { readonly kind: 'items'; readonly rows: readonly Item[] }
  | { readonly kind: 'delete items'; readonly ids: readonly number[] }
  | { readonly kind: 'clients'; readonly rows: readonly Client[] }
  | { readonly kind: 'delete clients'; readonly ids: readonly number[] }
  | { readonly kind: 'products'; readonly rows: readonly Product[] }
  | { readonly kind: 'nothing' };

export interface Transaction {
  readonly id: number;
  readonly cli: number | null;
  /** Null for a transaction without a date. */
  readonly day: number | null;
  readonly pts: number;
}
export interface Item {
  readonly item: number;
  readonly id: number;
  readonly prod: number | null;
}
export interface Client {
  readonly cli: number;
  readonly city: string | null;
  /** No cube looks at it. */
  readonly note: string;
}
export interface Product {
  readonly prod: number;
  readonly name: string;
}

const id = fc.integer({ min: 0, max: 11 });
const few = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength: 4 });

const transaction: fc.Arbitrary<Transaction> = fc.record({
  id,
  cli: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 8 }),
  day: fc.option(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 35 })), { freq: 10 }),
  pts: fc.integer({ min: -3, max: 3 }),
});
const item: fc.Arbitrary<Item> = fc.record({
  item: id,
  id,
  prod: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 6 }),
});
const client: fc.Arbitrary<Client> = fc.record({
  cli: fc.integer({ min: 0, max: 4 }),
  city: fc.constantFrom('a', 'b', null),
  note: fc.constantFrom('x', 'y'),
});
const product: fc.Arbitrary<Product> = fc.record({
  prod: fc.integer({ min: 0, max: 3 }),
  name: fc.constantFrom('A', 'B', 'C'),
});

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: few(transaction).map((rows): Change => ({ kind: 'transactions', rows })) },
  { weight: 1, arbitrary: few(id).map((ids): Change => ({ kind: 'delete transactions', ids })) },
  { weight: 2, arbitrary: few(item).map((rows): Change => ({ kind: 'items', rows })) },
  { weight: 1, arbitrary: few(id).map((ids): Change => ({ kind: 'delete items', ids })) },
  { weight: 2, arbitrary: few(client).map((rows): Change => ({ kind: 'clients', rows })) },
  {
    weight: 1,
    arbitrary: few(fc.integer({ min: 0, max: 4 })).map((ids): Change => ({ kind: 'delete clients', ids })),
  },
  { weight: 1, arbitrary: few(product).map((rows): Change => ({ kind: 'products', rows })) },
  { weight: 1, arbitrary: fc.constant<Change>({ kind: 'nothing' }) },
);

const TYPES = ['DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'] as const;
export type DateType = (typeof TYPES)[number];
export const dateType: fc.Arbitrary<DateType> = fc.constantFrom(...TYPES);

/** A day of a transaction as the column's type has it; the hour is one that another zone has on another day. */
export function dateSql(day: number | null, type: DateType): string {
  if (day === null) return `CAST(NULL AS ${type})`;
  if (type === 'DATE') return `DATE '2024-01-01' + ${day}`;
  const at = `TIMESTAMP '2024-01-01 ${day % 2 === 0 ? '00:30:00' : '23:30:00'}' + INTERVAL ${day} DAY`;
  return type === 'TIMESTAMP' ? at : `timezone('UTC', ${at})`;
}

const day = (column: string): string => `CAST(${column} AS DATE)`;

/** Where a cube's rows come from: joins, with the columns that may be grouped by and what is counted. */
const FROMS: readonly {
  readonly from: string;
  readonly groups: readonly string[];
  readonly pts: string;
  /** True where each row of the date source has rows of its own, or one by its client. */
  readonly isLocal?: true;
}[] = [
  { from: `silver.t AS t`, groups: ['t.cli', 't.pts'], pts: 't.pts', isLocal: true },
  {
    from: `silver.t AS t LEFT JOIN silver.c AS c ON c.cli = t.cli`,
    groups: ['c.city', 't.cli'],
    pts: 't.pts',
    isLocal: true,
  },
  {
    from: `silver.t AS t JOIN silver.c AS c USING (cli)`,
    groups: ['c.city', 'cli'],
    pts: 't.pts',
    isLocal: true,
  },
  {
    from: `silver.t AS t LEFT JOIN silver.i AS i ON i.id = t.id LEFT JOIN silver.p AS p ON p.prod = i.prod`,
    groups: ['p.name', 't.cli'],
    pts: 't.pts',
    isLocal: true,
  },
  {
    from: `silver.t AS t, silver.i AS i LEFT JOIN silver.p AS p USING (prod)`,
    groups: ['p.name', 't.pts'],
    pts: 't.pts',
  },
  {
    from: `silver.c AS c LEFT JOIN silver.t AS t ON t.cli = c.cli`,
    groups: ['c.city', 'c.cli'],
    pts: 't.pts',
  },
  {
    from: `silver.t AS t ANTI JOIN silver.c AS c ON c.cli = t.cli AND c.city = 'a'`,
    groups: ['t.cli', 't.pts'],
    pts: 't.pts',
  },
  {
    from: `silver.t AS t SEMI JOIN silver.i AS i ON i.id = t.id`,
    groups: ['t.cli', 't.pts'],
    pts: 't.pts',
    isLocal: true,
  },
  {
    from: `dia AS t LEFT JOIN itens AS i ON i.id = t.id LEFT JOIN silver.c AS c ON c.cli = t.cli`,
    groups: ['c.city', 'i.n'],
    pts: 't.pts',
    isLocal: true,
  },
  {
    from: `(SELECT t.*, i.prod FROM dia AS t JOIN silver.i AS i USING (id)) AS t NATURAL LEFT JOIN silver.p AS p`,
    groups: ['p.name', 't.cli'],
    pts: 't.pts',
    isLocal: true,
  },
  { from: `porCliente AS t`, groups: ['t.city', 't.n'], pts: 't.pts', isLocal: true },
  { from: `porCliente AS t`, groups: ['t.city', 't.cli'], pts: 't.pts', isLocal: true },
  {
    from: `(SELECT DISTINCT cli, pts FROM dia) AS t LEFT JOIN silver.c AS c USING (cli)`,
    groups: ['c.city', 't.pts'],
    pts: 't.pts',
    isLocal: true,
  },
  { from: `silver.c AS c JOIN porCliente AS t ON t.city = c.city`, groups: ['c.cli', 't.n'], pts: 't.pts' },
  { from: `silver.t AS t RIGHT JOIN silver.c AS c USING (cli)`, groups: ['c.city', 'cli'], pts: 't.pts' },
  { from: `silver.t AS t FULL JOIN silver.c AS c ON t.cli = c.cli`, groups: ['c.city'], pts: 't.pts' },
  {
    from: `(SELECT cli, pts FROM dia UNION ALL SELECT cli, -1 FROM silver.c SEMI JOIN dia USING (cli)) AS t`,
    groups: ['t.cli', 't.pts'],
    pts: 't.pts',
  },
  {
    from: `(SELECT *, rank() OVER (ORDER BY pts DESC, id) AS place FROM silver.t) AS t LEFT JOIN silver.c AS c ON c.cli = t.cli`,
    groups: ['c.city', 't.place'],
    pts: 't.pts',
  },
  {
    from: `silver.t AS t LEFT JOIN (SELECT *, count(*) OVER (PARTITION BY city) AS k FROM silver.c) AS c ON c.cli = t.cli`,
    groups: ['c.k', 't.cli'],
    pts: 't.pts',
  },
  {
    from: `silver.t AS t LEFT JOIN (SELECT city, min(cli) AS first FROM silver.c GROUP BY ROLLUP (city)) AS c ON c.first = t.cli`,
    groups: ['c.city', 't.cli'],
    pts: 't.pts',
  },
];

const WITH = `WITH dia AS (SELECT * FROM silver.t),
  itens AS (SELECT id, count(*) AS n FROM silver.i GROUP BY id),
  porCliente AS (SELECT c.city, t.cli, count(*) AS n, sum(t.pts) AS pts
    FROM dia AS t LEFT JOIN silver.c AS c ON c.cli = t.cli GROUP BY GROUPING SETS ((c.city, t.cli), (t.cli)))`;

const WHERES: readonly string[] = [
  'true',
  't.pts > 0',
  't.pts IS NOT NULL AND EXISTS (SELECT 1 FROM silver.c AS x WHERE x.cli = t.pts)',
  't.pts IN (SELECT prod FROM silver.p)',
  't.pts NOT IN (SELECT prod FROM silver.i)',
  '(SELECT count(*) FROM silver.c) > 2',
  't.pts = (SELECT max(x.prod) FROM silver.i AS x WHERE x.id = t.pts)',
];

export interface DrawnCube {
  readonly days: number;
  readonly sql: string;
}

/** Measures that follow from what rows add to them. */
const SUMS: readonly string[] = [
  'CAST(sum(pts) AS DOUBLE) / nullif(count(*), 0) AS mean',
  'CAST(count(pts) FILTER (WHERE pts > 0) AS INTEGER) AS positive',
  'sum(CAST(pts AS DECIMAL(9, 2))) AS exact',
  'sum(pts) FILTER (WHERE pts > 1) AS high',
];

/** Any cube. */
export const cube: fc.Arbitrary<DrawnCube> = drawn({
  from: fc.constantFrom(...FROMS),
  more: fc.subarray([...SUMS, 'max(pts) AS best', 'avg(pts) AS average']),
  counted: fc.constantFrom('nothing', 'group', 'client', 'both'),
  sets: fc.constantFrom('CUBE', 'ROLLUP', 'SETS', 'PLAIN', 'NONE', 'ALL', 'ROWS'),
  having: fc.constantFrom('', ' HAVING count(*) > 1'),
});

/** A cube that follows from what rows add to it, or almost. */
export const sumsCube: fc.Arbitrary<DrawnCube> = drawn({
  from: fc.constantFrom(...FROMS.filter(({ isLocal }) => isLocal)),
  more: fc.subarray([...SUMS]),
  counted: fc.constantFrom('nothing', 'group', 'client'),
  sets: fc.constantFrom('CUBE', 'ROLLUP', 'SETS', 'PLAIN', 'NONE', 'ALL'),
  having: fc.constantFrom('', '', ' HAVING count(*) > 0'),
});

interface Drawing {
  readonly from: fc.Arbitrary<(typeof FROMS)[number]>;
  readonly more: fc.Arbitrary<string[]>;
  readonly counted: fc.Arbitrary<'nothing' | 'group' | 'client' | 'both'>;
  readonly sets: fc.Arbitrary<'CUBE' | 'ROLLUP' | 'SETS' | 'PLAIN' | 'NONE' | 'ALL' | 'ROWS'>;
  readonly having: fc.Arbitrary<string>;
}

function drawn(drawing: Drawing): fc.Arbitrary<DrawnCube> {
  return fc
    .record({
      days: fc.oneof(fc.constantFrom(1, 1, 3, 28), fc.integer({ min: 1, max: 60 })),
      where: fc.oneof(
        { weight: 3, arbitrary: fc.constant('true') },
        { weight: 2, arbitrary: fc.constantFrom(...WHERES) },
      ),
      sees: fc.constantFrom('all', 'date', 'half'),
      shown: fc.constantFrom('all', 'all', 'all', 'some', 'computed', 'untold'),
      ...drawing,
    })
    .map(({ days, from, where, sees, shown, sets, counted, more, having }) => {
      const { groups, pts } = from;
      const client = groups.find((group) => /\bcli$/.test(group)) ?? (hasDay(from.from) ? 't.cli' : pts);
      const list = groups.slice(0, shown === 'some' ? 1 : 2).map((group, index) => {
        const item = shown === 'computed' ? `coalesce(CAST(${group} AS VARCHAR), 'a') = 'a'` : group;
        return `${item} AS g${index}`;
      });
      const measures = [
        'count(*) AS n',
        `sum(${pts}) AS pts`,
        ...more.map((each) => each.replaceAll(/\bpts\b/g, pts)),
        ...{
          nothing: [],
          group: [`count(DISTINCT ${groups[0]}) AS d`],
          client: [`count(DISTINCT ${client}) AS d`],
          both: [`count(DISTINCT ${groups[0]}) AS d`, `count(DISTINCT ${client}) AS e`],
        }[counted],
      ];
      const grouping =
        shown === 'untold' ? [] : groups.map((group, index) => `GROUPING(${group}) AS level${index}`);
      const seen = hasDay(from.from)
        ? {
            all: 'true',
            date: `${day('t.dt')} = $dt_ref`,
            half: `t.dt IS NULL OR ${day('t.dt')} > $dt_ref - INTERVAL 2 DAY`,
          }[sees]
        : sees === 'all'
          ? 'true'
          : `$dt_ref > DATE '2024-01-04'`;
      const tail = `FROM ${from.from} WHERE (${where}) AND (${seen})`;
      const body = {
        CUBE: `SELECT ${[...list, ...grouping, ...measures].join(', ')} ${tail} GROUP BY CUBE (${groups.join(', ')})${having}`,
        ROLLUP: `SELECT ${[...list, ...grouping, ...measures].join(', ')} ${tail} GROUP BY ROLLUP (${groups.join(', ')})${having}`,
        SETS: `SELECT $dt_ref AS dt_ref, ${[...list, ...grouping, ...measures].join(', ')} ${tail} GROUP BY GROUPING SETS ((${groups.join(', ')}), (${groups[0]}), ())${having}`,
        PLAIN: `SELECT ${[...list, ...measures].join(', ')}, $dt_ref AS dt_ref ${tail} GROUP BY ${groups.join(', ')}${having}`,
        NONE: `SELECT ${measures.join(', ')} ${tail}${having}`,
        ALL: `SELECT ${[...list, ...measures].join(', ')} ${tail} GROUP BY ALL`,
        ROWS: `SELECT DISTINCT ${list.join(', ')}, ${pts} AS pts ${tail}`,
      }[sets];
      return { days, sql: `${WITH}\n${body}` };
    });
}

/** True where `t` has the transactions' date. */
function hasDay(from: string): boolean {
  return /(?:silver\.t|dia) AS t\b|\(SELECT (?:t\.)?\*, /.test(from) && !/porCliente|UNION/.test(from);
}
