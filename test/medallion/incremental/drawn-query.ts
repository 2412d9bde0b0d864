import * as fc from 'fast-check';

/** A column's type, as far as the grammar cares: numbers, texts, decimals, times. */
type Kind = 'i' | 's' | 'd' | 't';

interface Relation {
  readonly sql: string;
  /** Its columns are c0, c1, … */
  readonly kinds: readonly Kind[];
}

export interface DrawnQuery {
  readonly sql: string;
  readonly columns: readonly string[];
}

/** Columns of the sources: `src.a`, `src.b`, `src.c`. All but id may be null. */
const SOURCE_COLUMNS = ['id', 'ref', 'x', 's', 'm', 'ts'] as const;
export const SOURCE_TYPES = 'id INTEGER, ref INTEGER, x INTEGER, s VARCHAR, m DECIMAL(9,2), ts TIMESTAMP';
const SOURCE_KINDS: readonly Kind[] = ['i', 'i', 'i', 's', 'd', 't'];

/** Queries of the whole grammar, nested and composed. */
export const drawnQuery: fc.Arbitrary<DrawnQuery> = fc.gen().map((draw) => {
  const drawing = new Drawing((count) => draw(fc.nat, { max: count - 1 }));
  return drawing.statement();
});

class Drawing {
  readonly #next: (count: number) => number;
  readonly #names: string[] = [];
  readonly #named: (readonly [string, Relation])[] = [];
  #count = 0;

  constructor(next: (count: number) => number) {
    this.#next = next;
  }

  statement(): DrawnQuery {
    const relation = this.#relation(1 + this.#next(4));
    const names = this.#names.length > 0 ? `WITH ${this.#names.join(', ')} ` : '';
    return { sql: `${names}${relation.sql}`, columns: relation.kinds.map((_, index) => `c${index}`) };
  }

  #oneOf<T>(...values: readonly [T, ...T[]]): T {
    return values[this.#next(values.length)] ?? values[0];
  }

  #alias(): string {
    this.#count += 1;
    return `r${this.#count}`;
  }

  /** A relation as an item of FROM: its text, and its alias. */
  #item(relation: Relation): readonly [string, string] {
    const alias = this.#alias();
    if (this.#next(3) > 0) return [`(${relation.sql}) AS ${alias}`, alias];
    this.#names.push(`${alias} AS (${relation.sql})`);
    this.#named.push([alias, relation]);
    return [alias, alias];
  }

  #source(): Relation {
    const columns = SOURCE_COLUMNS.map((name, index) => `${name} AS c${index}`);
    return {
      sql: `SELECT ${columns.join(', ')} FROM src.${this.#oneOf('a', 'b', 'c')}`,
      kinds: SOURCE_KINDS,
    };
  }

  #columns(alias: string, { kinds }: Relation, ...wanted: readonly Kind[]): readonly [string, ...string[]] {
    const found = kinds.flatMap((kind, index) =>
      wanted.length === 0 || wanted.includes(kind) ? [`${alias}.c${index}`] : [],
    );
    const [first, ...rest] = found;
    return first === undefined ? [wanted[0] === 'i' ? '1' : `${alias}.c0`] : [first, ...rest];
  }

  #column(alias: string, relation: Relation, ...wanted: readonly Kind[]): string {
    return this.#oneOf(...this.#columns(alias, relation, ...wanted));
  }

  #typed(alias: string, { kinds }: Relation): readonly Typed[] {
    return kinds.map((kind, index) => ({ text: `${alias}.c${index}`, kind }));
  }

  #some<T>(values: readonly T[]): readonly T[] {
    const picked = values.filter(() => this.#next(2) === 0);
    return picked.length > 0 ? picked : values.slice(0, 1);
  }

  #condition(alias: string, relation: Relation): string {
    const column = this.#column(alias, relation, 'i');
    return this.#oneOf(
      `${column} > ${this.#next(4)}`,
      `${column} IS NOT NULL`,
      `coalesce(${column}, 2) < 3`,
      `${column} = ${this.#next(4)}`,
      `${column} IS NULL`,
      `${column} IN (1, 2)`,
    );
  }

  /** A pair of columns that may be joined by equality. */
  #equality(left: string, own: Relation, right: string, other: Relation): string {
    const kinds = (['i', 's', 'd', 't'] as const).filter(
      (kind) => own.kinds.includes(kind) && other.kinds.includes(kind),
    );
    const kind = this.#next(3) > 0 ? 'i' : (kinds[this.#next(Math.max(1, kinds.length))] ?? 'i');
    const [a, b] = [this.#column(left, own, kind), this.#column(right, other, kind)];
    if (kind === 's' && this.#next(3) === 0) return `upper(${a}) = upper(${b})`;
    if (kind === 't' && this.#next(2) === 0) return `CAST(${a} AS DATE) = CAST(${b} AS DATE)`;
    if (kind === 'i' && this.#next(5) === 0) return `${a} + 1 = ${b}`;
    return this.#next(8) === 0 ? `${a} IS NOT DISTINCT FROM ${b}` : `${a} = ${b}`;
  }

  #relation(depth: number): Relation {
    if (depth <= 0) return this.#source();
    const { [this.#next(4 * this.#named.length + 1)]: again } = this.#named;
    if (again !== undefined) return { ...again[1], sql: `SELECT * FROM ${again[0]}` };
    const { [this.#next(WAYS.length)]: way = 'filter' } = WAYS;
    return this.#make(way, depth);
  }

  #make(way: Way, depth: number): Relation {
    switch (way) {
      case 'filter':
        return this.#filter(depth);
      case 'join':
        return this.#join(depth);
      case 'three':
        return this.#threeJoined(depth);
      case 'group':
        return this.#group(depth);
      case 'window':
        return this.#window(depth);
      case 'distinct':
        return this.#distinct(depth);
      case 'set':
        return this.#set(depth);
      case 'ask':
        return this.#ask(depth);
      case 'first':
        return this.#first(depth);
      case 'lateral':
        return this.#lateral(depth);
      case 'unnest':
        return this.#unnest(depth);
      case 'asof':
        return this.#asOf(depth);
      default:
        return way satisfies never;
    }
  }

  #filter(depth: number): Relation {
    const own = this.#relation(depth - 1);
    const [from, alias] = this.#item(own);
    const number = this.#column(alias, own, 'i');
    const made = this.#oneOf(`${number} + 1`, `coalesce(${number}, -1)`, `${number} % 2`);
    return project(
      [...this.#some(this.#typed(alias, own)), { text: made, kind: 'i' }],
      `FROM ${from} WHERE ${this.#condition(alias, own)}`,
    );
  }

  #join(depth: number): Relation {
    const [own, other] = [this.#relation(depth - 1), this.#relation(depth - 1 - this.#next(2))];
    const [[left, l], [right, r]] = [this.#item(own), this.#item(other)];
    const kind = this.#oneOf(
      'JOIN',
      'LEFT JOIN',
      'LEFT JOIN',
      'RIGHT JOIN',
      'FULL JOIN',
      'SEMI JOIN',
      'ANTI JOIN',
    );
    const on = [this.#equality(l, own, r, other)];
    if (this.#next(4) === 0) on.push(this.#equality(l, own, r, other));
    if (this.#next(3) === 0) on.push(this.#theta(l, own, r, other));
    const isHalf = kind === 'SEMI JOIN' || kind === 'ANTI JOIN';
    const both = `coalesce(${this.#column(l, own, 'i')}, ${this.#column(r, other, 'i')}, -1)`;
    const list: readonly Typed[] = isHalf
      ? this.#typed(l, own)
      : [
          ...this.#some(this.#typed(l, own)).slice(0, 2),
          ...this.#some(this.#typed(r, other)).slice(0, 2),
          { text: both, kind: 'i' },
        ];
    const where = this.#next(4) === 0 ? ` WHERE ${this.#condition(l, own)}` : '';
    return project(list, `FROM ${left} ${kind} ${right} ON ${on.join(' AND ')}${where}`);
  }

  #theta(l: string, own: Relation, r: string, other: Relation): string {
    const [a, b] = [this.#column(l, own, 'i'), this.#column(r, other, 'i')];
    return this.#oneOf(
      this.#condition(r, other),
      this.#condition(l, own),
      `coalesce(${a}, 1) <= coalesce(${b}, 1)`,
    );
  }

  #threeJoined(depth: number): Relation {
    const relations = [this.#relation(depth - 1), this.#source(), this.#source()] as const;
    const [[a, l], [b, m], [c, r]] = [
      this.#item(relations[0]),
      this.#item(relations[1]),
      this.#item(relations[2]),
    ];
    const [first, second] = [this.#kind(), this.#kind()];
    const ab = this.#equality(l, relations[0], m, relations[1]);
    const last = this.#oneOf(
      this.#equality(m, relations[1], r, relations[2]),
      this.#equality(l, relations[0], r, relations[2]),
    );
    const list = [l, m, r].flatMap((alias, index) =>
      this.#some(this.#typed(alias, relations[index] ?? relations[0])).slice(0, 2),
    );
    if (this.#next(4) === 0) return project(list, `FROM ${a}, ${b}, ${c} WHERE ${ab} AND ${last}`);
    if (this.#next(3) === 0) {
      const inner = this.#equality(m, relations[1], r, relations[2]);
      return project(list, `FROM ${a} ${first} (${b} ${second} ${c} ON ${inner}) ON ${ab}`);
    }
    return project(list, `FROM ${a} ${first} ${b} ON ${ab} ${second} ${c} ON ${last}`);
  }

  #kind(): string {
    return this.#oneOf('JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN');
  }

  #group(depth: number): Relation {
    const own = this.#relation(depth - 1);
    const [from, alias] = this.#item(own);
    const number = this.#column(alias, own, 'i');
    const groups = this.#some(this.#typed(alias, own)).slice(0, 2);
    const sums = this.#some<Typed>([
      { text: `CAST(sum(${number}) AS BIGINT)`, kind: 'i' },
      { text: `max(${this.#column(alias, own)})`, kind: 's' },
      { text: `count(DISTINCT ${this.#column(alias, own)})`, kind: 'i' },
      { text: `count(*) FILTER (WHERE ${this.#condition(alias, own)})`, kind: 'i' },
    ]).map((each) => (each.kind === 's' ? { text: `CAST(${each.text} AS VARCHAR)`, kind: each.kind } : each));
    const names = groups.map(({ text }) => text).join(', ');
    const by = this.#oneOf(names, names, names, 'ALL', `ROLLUP (${names})`, `CUBE (${names})`);
    const where = this.#next(3) === 0 ? ` WHERE ${this.#condition(alias, own)}` : '';
    const having = this.#next(3) === 0 ? ` HAVING count(*) > ${this.#next(3)}` : '';
    return project(
      [...groups, { text: 'count(*)', kind: 'i' }, ...sums],
      `FROM ${from}${where} GROUP BY ${by}${having}`,
    );
  }

  #window(depth: number): Relation {
    const own = this.#relation(depth - 1);
    const [from, alias] = this.#item(own);
    const by = this.#column(alias, own);
    const order = this.#columns(alias, own).join(', ');
    const over = `OVER (PARTITION BY ${by} ORDER BY ${order})`;
    const value = this.#oneOf(
      `row_number() ${over}`,
      `lag(${this.#column(alias, own, 'i')}) ${over}`,
      `count(*) OVER (PARTITION BY ${by})`,
      `CAST(sum(${this.#column(alias, own, 'i')}) OVER (PARTITION BY ${by} ORDER BY ${order} ROWS UNBOUNDED PRECEDING) AS BIGINT)`,
    );
    const first = this.#next(2) === 0 ? '' : ` QUALIFY row_number() ${over} = 1`;
    return project(
      [...this.#some(this.#typed(alias, own)).slice(0, 4), { text: value, kind: 'i' }],
      `FROM ${from}${first}`,
    );
  }

  #distinct(depth: number): Relation {
    const own = this.#relation(depth - 1);
    const [from, alias] = this.#item(own);
    const list = this.#some(this.#typed(alias, own)).slice(0, 2);
    return project(
      [...list, { text: this.#column(alias, own, 'i'), kind: 'i' }],
      `FROM ${from}`,
      'DISTINCT ',
    );
  }

  #set(depth: number): Relation {
    const operator = this.#oneOf(
      'UNION ALL',
      'UNION ALL',
      'UNION ALL BY NAME',
      'UNION',
      'EXCEPT',
      'INTERSECT',
      'EXCEPT ALL',
      'INTERSECT ALL',
    );
    const sides = [this.#relation(depth - 1), this.#relation(depth - 1)].map((own, index) => {
      const [from, alias] = this.#item(own);
      const [first, second] = [this.#column(alias, own, 'i'), this.#column(alias, own, 'i')];
      const list = [`${first} AS c0`, `${this.#oneOf(second, second, '7')} AS c1`];
      // By name the second side has them in another order, or has one alone.
      const named = this.#next(3) === 0 ? list.slice(1) : list.toReversed();
      return `SELECT ${(operator.endsWith('NAME') && index === 1 ? named : list).join(', ')} FROM ${from}`;
    });
    return { sql: sides.join(` ${operator} `), kinds: ['i', 'i'] };
  }

  #ask(depth: number): Relation {
    const [own, other] = [this.#relation(depth - 1), this.#relation(depth - 1 - this.#next(2))];
    const [[left, l], [right, r]] = [this.#item(own), this.#item(other)];
    const [x, w] = [this.#column(l, own, 'i'), this.#column(l, own, 'i')];
    const [y, z] = [this.#column(r, other, 'i'), this.#column(r, other, 'i')];
    const where = this.#oneOf(
      `NOT EXISTS (SELECT 1 FROM ${right} WHERE ${y} = ${x} AND ${z} > ${w})`,
      `EXISTS (SELECT 1 FROM ${right} WHERE ${y} = ${x} AND (${z} < ${w} OR ${this.#condition(r, other)}))`,
      `(SELECT max(${z} + ${w}) FROM ${right} WHERE ${z} >= ${w} AND ${y} = ${x}) > 1`,
      `${w} IN (SELECT ${z} FROM ${right} WHERE ${y} = ${x})`,
      `EXISTS (SELECT 1 FROM ${right} WHERE ${y} = ${x} AND ${this.#condition(r, other)})`,
      `NOT EXISTS (SELECT 1 FROM ${right} WHERE ${y} = ${x})`,
      `${x} IN (SELECT ${y} FROM ${right})`,
      `${x} NOT IN (SELECT ${y} FROM ${right})`,
      `(${x}, 1) IN (SELECT ${y}, ${z} FROM ${right})`,
      `(${x}, ${w}) ${this.#oneOf('IN', 'NOT IN')} (SELECT ${y}, ${z} FROM ${right})`,
      `(SELECT max(${z}) FROM ${right} WHERE ${y} = ${x}) > 1`,
      `coalesce(${x}, 0) <= (SELECT count(*) FROM ${right})`,
      `coalesce(${x}, 0) <= (SELECT count(*) FROM ${right} WHERE ${y} > ${x})`,
      this.#condition(l, own),
    );
    const asked: readonly Typed[] =
      this.#next(3) === 0
        ? [{ text: `(SELECT CAST(sum(${z}) AS BIGINT) FROM ${right} WHERE ${y} = ${x})`, kind: 'i' }]
        : [];
    return project([...this.#typed(l, own).slice(0, 4), ...asked], `FROM ${left} WHERE ${where}`);
  }

  #first(depth: number): Relation {
    const own = this.#relation(depth - 1);
    const [from, alias] = this.#item(own);
    const by = this.#column(alias, own);
    const order = [by, ...this.#columns(alias, own)].join(', ');
    return { sql: `SELECT DISTINCT ON (${by}) * FROM ${from} ORDER BY ${order}`, kinds: own.kinds };
  }

  #lateral(depth: number): Relation {
    const [own, other] = [this.#relation(depth - 1), this.#source()];
    const [[left, l], [right, r], alias] = [this.#item(own), this.#item(other), this.#alias()];
    const on = `${this.#column(r, other, 'i')} = ${this.#column(l, own, 'i')}`;
    const inner = this.#oneOf(
      `SELECT ${r}.c0 AS v FROM ${right} WHERE ${on} ORDER BY ${this.#columns(r, other).join(', ')} LIMIT 1`,
      `SELECT max(${this.#column(r, other, 'i')}) AS v FROM ${right} WHERE ${on}`,
    );
    return project(
      [...this.#typed(l, own).slice(0, 4), { text: `${alias}.v`, kind: 'i' }],
      `FROM ${left} LEFT JOIN LATERAL (${inner}) AS ${alias} ON true`,
    );
  }

  #unnest(depth: number): Relation {
    const own = this.#relation(depth - 1);
    const [[from, l], alias] = [this.#item(own), this.#alias()];
    const list = `[${this.#column(l, own, 'i')}, ${this.#next(3)}]`;
    const items = this.#typed(l, own).slice(0, 3);
    return this.#next(2) === 0
      ? project([...items, { text: `${alias}.v`, kind: 'i' }], `FROM ${from}, unnest(${list}) AS ${alias}(v)`)
      : project([...items, { text: `unnest(${list})`, kind: 'i' }], `FROM ${from}`);
  }

  #asOf(depth: number): Relation {
    // Of rows of one key and time none goes before another, so that there is one.
    const inner = `SELECT ref AS c0, ts AS c1, max(id) AS c2 FROM src.${this.#oneOf('a', 'b', 'c')} GROUP BY ref, ts`;
    const other: Relation = { sql: inner, kinds: ['i', 't', 'i'] };
    const own = this.#relation(depth - 1);
    const time = own.kinds.indexOf('t');
    if (time === -1) return own;
    const [[left, l], [right, r]] = [this.#item(own), this.#item(other)];
    const on = `${r}.c0 = ${this.#column(l, own, 'i')} AND ${r}.c1 ${this.#oneOf('<=', '<', '>=')} ${l}.c${time}`;
    const kind = this.#oneOf('ASOF JOIN', 'ASOF LEFT JOIN');
    const list: readonly Typed[] = [...this.#typed(l, own).slice(0, 4), { text: `${r}.c2`, kind: 'i' }];
    return project(list, `FROM ${left} ${kind} ${right} ON ${on}`);
  }
}

interface Typed {
  readonly text: string;
  readonly kind: Kind;
}

const WAYS = [
  'filter',
  'join',
  'join',
  'join',
  'three',
  'group',
  'group',
  'window',
  'window',
  'distinct',
  'set',
  'ask',
  'ask',
  'first',
  'lateral',
  'unnest',
  'asof',
] as const;

type Way = (typeof WAYS)[number];

function project(items: readonly Typed[], rest: string, distinct = ''): Relation {
  const list = items.map(({ text }, index) => `${text} AS c${index}`);
  return { sql: `SELECT ${distinct}${list.join(', ')} ${rest}`, kinds: items.map(({ kind }) => kind) };
}
