import * as fc from 'fast-check';

const kind = fc.constantFrom('JOIN', 'LEFT JOIN');

/** Models over bronze.a, bronze.b and bronze.c, all of which have the columns id, ref, x and s; any may be null but id. */
export const drawnModel: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(['a']).chain((names) => modelFrom('bronze.a AS a', names, [])) },
  { weight: 3, arbitrary: twoTables() },
  { weight: 3, arbitrary: threeTables() },
  { weight: 1, arbitrary: usingTables() },
  { weight: 1, arbitrary: starModel() },
  { weight: 3, arbitrary: plainModel() },
);

function twoTables(): fc.Arbitrary<string> {
  return fc
    .record({
      kind: fc.constantFrom('JOIN', 'LEFT JOIN', ','),
      // A table joined with itself, too.
      right: fc.constantFrom('bronze.b', 'bronze.a'),
      on: condition('a', 'b'),
      extra: extraCondition('a', 'b'),
    })
    .chain((drawn) => {
      if (drawn.kind === ',')
        return modelFrom(`bronze.a AS a, ${drawn.right} AS b`, ['a', 'b'], [], drawn.on);
      const from = `bronze.a AS a ${drawn.kind} ${drawn.right} AS b ON ${drawn.on}${drawn.extra}`;
      return modelFrom(from, ['a', 'b'], drawn.kind === 'LEFT JOIN' ? ['b'] : []);
    });
}

function threeTables(): fc.Arbitrary<string> {
  return fc
    .record({
      first: kind,
      second: kind,
      third: fc.constantFrom('bronze.c', 'bronze.a', 'bronze.b'),
      isNested: fc.boolean(),
      ab: condition('a', 'b'),
      last: fc.oneof(condition('a', 'c'), condition('b', 'c')),
      bc: condition('b', 'c'),
      extra: extraCondition('a', 'b'),
      more: extraCondition('b', 'c'),
      // Of two tables that are joined already: in an outer join it leaves their rows as they are.
      earlier: fc.constantFrom('', '', ' AND a.x = b.x'),
    })
    .chain((drawn) => {
      const { first, second, third, ab, bc, last, extra, more, earlier } = drawn;
      if (drawn.isNested) {
        const from = `bronze.a AS a ${first} (bronze.b AS b ${second} ${third} AS c ON ${bc}${more}) ON ${ab}${extra}`;
        const outer = first === 'LEFT JOIN' ? ['b', 'c'] : second === 'LEFT JOIN' ? ['c'] : [];
        return modelFrom(from, ['a', 'b', 'c'], outer);
      }
      const from = `bronze.a AS a ${first} bronze.b AS b ON ${ab}${extra} ${second} ${third} AS c ON ${last}${more}${earlier}`;
      const outer = [...(first === 'LEFT JOIN' ? ['b'] : []), ...(second === 'LEFT JOIN' ? ['c'] : [])];
      return modelFrom(from, ['a', 'b', 'c'], outer);
    });
}

function usingTables(): fc.Arbitrary<string> {
  return fc.record({ first: kind, second: kind, name: fc.constantFrom('ref', 'id', 's') }).map(
    ({ first, second, name }) =>
      `-- key: ka, kb, kc
SELECT a.id AS ka, coalesce(b.id, -1) AS kb, coalesce(c.id, -1) AS kc, ${name} AS joined, b.x AS bx
FROM bronze.a AS a ${first} bronze.b AS b USING (${name}) ${second} bronze.c AS c USING (${name})`,
  );
}

/** Keys that rows of the source may share by chance, or may come to share. */
function plainModel(): fc.Arbitrary<string> {
  return fc.constantFrom(
    `-- key: k\nSELECT coalesce(x, -1) AS k, s FROM bronze.a`,
    `-- key: k, t\nSELECT coalesce(ref, -1) AS k, coalesce(s, '-') AS t, x > 2 AS n FROM bronze.a`,
    // Of these only the rows that the WHERE lets through count.
    `-- key: k\nSELECT coalesce(ref, -1) AS k, x FROM bronze.a WHERE s = 'p'`,
    // And these are alike wherever they have one key.
    `-- key: k\nSELECT coalesce(x, -1) AS k, coalesce(x, 0) + 1 AS n FROM bronze.a WHERE s <> 'q'`,
    `-- key: id\nSELECT id, ref, x FROM bronze.a WHERE s IS DISTINCT FROM 'q'`,
  );
}

function starModel(): fc.Arbitrary<string> {
  return fc.constantFrom(
    '-- key: id\nSELECT * FROM bronze.a',
    '-- key: id\nSELECT *, x + 1 AS y FROM bronze.a WHERE s IS NOT NULL',
    '-- key: id\nSELECT a.*, b.s AS t, b.x AS z FROM bronze.a AS a LEFT JOIN bronze.b AS b ON a.ref = b.id',
    '-- key: id\nSELECT * EXCLUDE (x) REPLACE (upper(s) AS s) FROM bronze.a',
    `-- key: k\nSELECT bronze.a.id + 1 AS n, n * 2 AS k, s || '!' AS s FROM bronze.a WHERE n < 5`,
  );
}

function condition(left: string, right: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    `${left}.ref = ${right}.id`,
    `${left}.id = ${right}.ref`,
    `${left}.ref = ${right}.ref`,
    `${right}.s = ${left}.s`,
    `${left}.ref = ${right}.ref AND ${left}.s = ${right}.s`,
  );
}

function extraCondition(left: string, right: string): fc.Arbitrary<string> {
  return fc.constantFrom(
    '',
    '',
    ` AND ${right}.x > 1`,
    ` AND ${left}.x IS NOT NULL`,
    ` AND (${right}.x IS NULL OR ${right}.x < 3)`,
    ` AND coalesce(${left}.x, 0) <= coalesce(${right}.x, 0)`,
  );
}

function modelFrom(
  from: string,
  names: readonly string[],
  outer: readonly string[],
  joined?: string,
): fc.Arbitrary<string> {
  const where = fc.oneof(
    fc.constant(''),
    fc
      .constantFrom(...names)
      .chain((name) =>
        fc.constantFrom(
          `${name}.x > 1`,
          `${name}.x IS NULL`,
          `coalesce(${name}.x, 0) < 3`,
          `${name}.s = 'p'`,
          `${name}.ref IS NOT NULL AND ${names[0]}.x = ${name}.x`,
        ),
      ),
  );
  const filter = where.map((text) => {
    const parts = [joined ?? '', text].filter((part) => part !== '');
    return parts.length === 0 ? '' : `\nWHERE ${parts.join(' AND ')}`;
  });
  return fc.oneof(
    { weight: 3, arbitrary: filter.chain((text) => rowModel(from, names, outer, text)) },
    { weight: 2, arbitrary: filter.chain((text) => groupModel(from, names, text)) },
    // Many rows to one, all alike.
    {
      weight: 1,
      arbitrary: filter.map(
        (text) =>
          `-- key: k\nSELECT coalesce(${names.at(-1)}.s, '-') AS k, length(coalesce(${names.at(-1)}.s, '-')) AS n FROM ${from}${text}`,
      ),
    },
  );
}

/** A row for every row of FROM; its key has the id of each table, and may leave some out, so that keys may clash. */
function rowModel(
  from: string,
  names: readonly string[],
  outer: readonly string[],
  where: string,
): fc.Arbitrary<string> {
  return fc.record({ isWhole: fc.constantFrom(true, true, false), extra: fc.boolean() }).map((drawn) => {
    const keyed = drawn.isWhole ? names : names.slice(0, 1);
    const keys = keyed.map((name) =>
      outer.includes(name) ? `coalesce(${name}.id, -1) AS k${name}` : `${name}.id AS k${name}`,
    );
    const values = names.map((name) =>
      drawn.extra ? `${name}.s || 'z' AS s${name}` : `coalesce(${name}.x, 0) * 2 AS x${name}`,
    );
    return `-- key: ${keyed.map((name) => `k${name}`).join(', ')}\nSELECT ${[...keys, ...values].join(', ')} FROM ${from}${where}`;
  });
}

function groupModel(from: string, names: readonly string[], where: string): fc.Arbitrary<string> {
  const column = fc.tuple(fc.constantFrom(...names), fc.constantFrom('ref', 'x'));
  return fc
    .record({
      by: column,
      text: fc.constantFrom(...names),
      value: column,
      hasTwo: fc.boolean(),
      isAll: fc.boolean(),
      having: fc.constantFrom('', '', ' HAVING count(*) > 1'),
    })
    .map(({ by, text, value, hasTwo, isAll, having }) => {
      const [first, second] = [`coalesce(${by.join('.')}, -1)`, `coalesce(upper(${text}.s), '-')`];
      const columns = `${first} AS k, ${hasTwo ? `${second} AS t, ` : ''}`;
      const values = `sum(${value.join('.')}) AS total, count(*) AS n, min(${value.join('.')}) AS low, max(${text}.s) AS high, avg(${value.join('.')}) AS mean, count(DISTINCT ${text}.s) AS kinds`;
      const groups = isAll ? 'ALL' : hasTwo ? `${first}, ${second}` : 'k';
      return `-- key: k${hasTwo ? ', t' : ''}\nSELECT ${columns}${values} FROM ${from}${where}\nGROUP BY ${groups}${having}`;
    });
}
