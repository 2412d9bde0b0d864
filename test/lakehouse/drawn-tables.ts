import type { Pick } from '../properties/write-source.ts';

/** A row as its file has it: values by column, as text; null is nothing. */
export type SourceRow = Readonly<Record<string, string | null>>;

interface TableKind {
  readonly name: string;
  readonly key: string;
  /** How many keys there are to be drawn from. */
  readonly keys: number;
  readonly columns: Readonly<Record<string, { type: string; draw: (pick: Pick) => string | null }>>;
}

const DAYS = ['2024-01-30', '2024-01-31', '2024-02-01', '2024-02-03', '2024-02-29', '2024-03-28'];
const TIMES = ['00:00:00', '12:30:00', '23:59:59'];

const among =
  (...values: readonly (string | null)[]) =>
  (pick: Pick): string | null =>
    values[pick(values.length)] ?? null;
const numbered =
  (prefix: string, count: number) =>
  (pick: Pick): string =>
    `${prefix}${pick(count)}`;
const time = (pick: Pick): string => `${DAYS[pick(DAYS.length)]} ${TIMES[pick(TIMES.length)]}`;
const flag = { type: 'bigint', draw: among('0', '1') };

/** The loyalty system's tables, small. References may lead nowhere. */
export const KINDS: readonly TableKind[] = [
  {
    name: 'clientes',
    key: 'idCliente',
    keys: 5,
    columns: {
      flEmail: flag,
      flTwitch: flag,
      flYouTube: { type: 'bigint', draw: among('0') },
      flBlueSky: { type: 'bigint', draw: among('0') },
      flInstagram: { type: 'bigint', draw: among('0') },
      qtdePontos: { type: 'bigint', draw: among('0', '1', '2', '-3', null) },
      DtCriacao: { type: 'text', draw: time },
      DtAtualizacao: { type: 'text', draw: among('2024-05-01 00:00:00', null, 'never') },
    },
  },
  {
    name: 'produtos',
    key: 'IdProduto',
    keys: 4,
    columns: {
      DescNomeProduto: { type: 'text', draw: among('A', 'B', 'C') },
      DescDescricaoProduto: { type: 'text', draw: among('of a kind', null) },
      DescCategoriaProduto: { type: 'text', draw: among('x', 'y', null) },
    },
  },
  {
    name: 'transacoes',
    key: 'IdTransacao',
    keys: 9,
    columns: {
      // One of them is no client.
      IdCliente: { type: 'text', draw: numbered('c', 6) },
      DtCriacao: { type: 'timestamp', draw: time },
      QtdePontos: { type: 'bigint', draw: among('1', '2', '5', '-4', '0') },
      DescSistemaOrigem: { type: 'text', draw: among('web', 'app', null) },
    },
  },
  {
    name: 'transacao_produto',
    key: 'idTransacaoProduto',
    keys: 9,
    columns: {
      IdTransacao: { type: 'text', draw: numbered('t', 10) },
      IdProduto: { type: 'bigint', draw: among('0', '1', '2', '3', '4', null) },
      QtdeProduto: { type: 'bigint', draw: among('1', '2') },
      vlProduto: { type: 'bigint', draw: among('1', '-2', null) },
    },
  },
];

const KEYS: Readonly<Record<string, (index: number) => string>> = {
  clientes: (index) => `c${index}`,
  produtos: (index) => `${index}`,
  transacoes: (index) => `t${index}`,
  transacao_produto: (index) => `i${index}`,
};

/** A source table that changes at random. */
export class DrawnTable {
  readonly kind: TableKind;
  readonly #pick: Pick;
  readonly #more: string[] = [];
  #rows: ReadonlyMap<string, SourceRow> = new Map();

  constructor(kind: TableKind, pick: Pick) {
    this.kind = kind;
    this.#pick = pick;
    for (let count = pick(kind.keys + 1); count > 0; count -= 1) this.#put();
  }

  get columns(): readonly string[] {
    return [this.kind.key, ...Object.keys(this.kind.columns), ...this.#more];
  }

  /** By key; what was handed out stays as it is. */
  get rows(): ReadonlyMap<string, SourceRow> {
    return this.#rows;
  }

  /** As a configuration has it. */
  config(): object {
    const types = Object.entries(this.kind.columns).map(([name, { type }]) => [name, type]);
    const key = { [this.kind.key]: this.kind.name === 'produtos' ? 'bigint' : 'text' };
    return { name: this.kind.name, pk: this.kind.key, types: { ...key, ...Object.fromEntries(types) } };
  }

  csv(): string {
    const lines = [...this.#rows.values()].map((row) =>
      this.columns.map((name) => row[name] ?? '').join(','),
    );
    return [this.columns.join(','), ...lines, ''].join('\n');
  }

  /** Changes the table, and says how. */
  change(): string {
    const how = this.#pick(16);
    if (how === 0) {
      this.#rows = new Map();
      return 'is empty';
    }
    if (how === 1) {
      this.#rows = new Map([...this.#rows].filter(() => this.#pick(4) === 0));
      return `loses all but ${this.#rows.size} rows`;
    }
    if (how === 2 && this.#more.length < 2) {
      this.#more.push(`more${this.#more.length}`);
      // A column without values would be of no type that stays.
      this.#put();
      const added = this.#more.at(-1) ?? '';
      this.#rows = new Map([...this.#rows].map(([key, row]) => [key, { ...row, [added]: `m${key}` }]));
      return `has a column more`;
    }
    const told: string[] = [];
    for (let count = 1 + this.#pick(3); count > 0; count -= 1) told.push(this.#edit());
    return told.join(', ');
  }

  #edit(): string {
    const keys = [...this.#rows.keys()];
    const key = keys[this.#pick(keys.length)];
    const row = key === undefined ? undefined : this.#rows.get(key);
    const how = this.#pick(4);
    if (key === undefined || row === undefined || how === 0) return this.#put();
    if (how === 1) {
      this.#rows = new Map([...this.#rows].filter(([each]) => each !== key));
      return `-${key}`;
    }
    const names = Object.keys(this.kind.columns);
    const name = names[this.#pick(names.length)] ?? '';
    const value = this.kind.columns[name]?.draw(this.#pick) ?? null;
    this.#rows = new Map([...this.#rows, [key, { ...row, [name]: value }]]);
    return `${key}.${name}=${value}`;
  }

  /** A row that is new, or another one of a key that there is. */
  #put(): string {
    const key = KEYS[this.kind.name]?.(this.#pick(this.kind.keys)) ?? '';
    const drawn = Object.entries(this.kind.columns).map(([name, { draw }]) => [name, draw(this.#pick)]);
    const more = this.#more.map((name) => [name, this.#pick(2) === 0 ? null : 'more']);
    const row: SourceRow = Object.fromEntries([[this.kind.key, key], ...drawn, ...more]);
    this.#rows = new Map([...this.#rows, [key, row]]);
    return `+${JSON.stringify(row)}`;
  }
}
