import * as fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import {
  keyOf,
  type ModelColumn,
  type ModelFile,
  type ModelRow,
  type ModelRules,
  type ModelTable,
} from './table-model.ts';
import {
  BIG_DECIMAL,
  cellArb,
  convert,
  hugeIntegers,
  type ModelType,
  WIDENED_DECIMAL,
  witness,
} from './values.ts';
import { type Dialect, fitText } from './write-source.ts';

const PLAIN_NAMES =
  'id Name v select order table group rowid file_row_number filename hash count max json row key value b c n k s o ' +
  'segment date timestamp Operation int columns struct_pack differing replayed op NULL true year=2024 1 -1 $ %s * -- ' +
  'a.b a/b a~b a] a"b "" it\'s x,y x;y \\ ação 日本 😀';
const NAMES = [...PLAIN_NAMES.split(' '), 'with space', ' lead', 'trail ', 'new\nline', 'CAST(1 AS INT)'];
const KINDS = [
  'bigint',
  'double',
  BIG_DECIMAL,
  'boolean',
  'date',
  'timestamp',
  'text',
] as const satisfies ModelType[];

/** What comes next: another state of the file, which a reload takes in, or which comes only after the file was missing. */
export type Step = 'file' | 'reload' | 'missing';

export interface DrawnSize {
  /** Rows of the first snapshot, and how many rows change in a step, at most. */
  readonly rows: number;
  readonly edits: number;
}

/** A table that is drawn at random, with the way of writing it, and changes at random. */
export class DrawnSource {
  readonly dialect: Dialect;
  readonly #g: GeneratorValue;
  readonly #size: DrawnSize;
  readonly #tell: (line: string) => void;
  readonly #ignored: string[] = [];
  readonly #maxDeleteRatio: number;
  #laterIn: string | undefined;
  #key: string[] = [];
  #columns: ModelColumn[] = [];
  #rows: ModelRow[] = [];
  #table: ModelTable | undefined;

  constructor(g: GeneratorValue, size: DrawnSize, tell: (line: string) => void) {
    this.#g = g;
    this.#size = size;
    this.#tell = tell;
    this.dialect = this.#drawDialect();
    this.#maxDeleteRatio = g(fc.constantFrom, 1, 0.3);
    this.#drawTable();
  }

  get file(): ModelFile {
    return { columns: [...this.#columns], rows: [...this.#rows] };
  }

  rules(): ModelRules {
    return {
      key: this.#key,
      ignore: this.#ignored,
      laterIn: this.#laterIn,
      maxDeleteRatio: this.#maxDeleteRatio,
      hasHeader: this.dialect.format !== 'jsonl',
    };
  }

  readonly pick = (count: number): number => (count <= 1 ? 0 : this.#g(fc.nat, { max: count - 1 }));

  oneIn(count: number): boolean {
    return this.pick(count) === count - 1;
  }

  #drawDialect(): Dialect {
    const g = this.#g;
    const format = g(fc.constantFrom, 'csv', 'csv', 'csv', 'jsonl', 'parquet');
    const quote = g(fc.constantFrom, '"', '"', "'", '');
    const decimal = g(fc.constantFrom, '.', '.', ',');
    const separators = quote === '' && decimal === ',' ? [';', '\t'] : [',', ';', '\t', '|', '::'];
    return {
      format,
      separator: g(fc.constantFrom, ...separators),
      quote,
      decimal,
      encoding: g(fc.constantFrom, 'utf-8', 'utf-8', 'latin-1', 'windows-1252', 'utf-16le', 'utf-16be'),
      bom: g(fc.boolean),
      lineEnd: g(fc.constantFrom, '\n', '\r\n'),
      isEnded: g(fc.nat, { max: 3 }) > 0,
      gzip: format !== 'parquet' && g(fc.nat, { max: 5 }) === 5,
    };
  }

  #newName(): string | undefined {
    const taken = new Set(
      [...this.#columns, ...(this.#table?.schema ?? [])].map(({ name }) => name.toLowerCase()),
    );
    const fit = (name: string): string => fitText(this.dialect, name);
    // A break of another kind than the lines end with is refused in a name.
    const hasOddBreak = (name: string): boolean =>
      this.dialect.format === 'csv' && name.includes('\n') && this.dialect.lineEnd !== '\n';
    const free = NAMES.map(fit).filter(
      (name) => name.trim() !== '' && name !== '-' && !taken.has(name.toLowerCase()) && !hasOddBreak(name),
    );
    return free[this.pick(free.length)];
  }

  #newColumn(type: ModelType): string {
    const name = this.#newName() ?? `column ${this.#columns.length}`;
    this.#columns.push({ name, type });
    return name;
  }

  #drawType(): ModelType {
    const type = this.#g(fc.constantFrom, ...KINDS);
    // JSON's fractions are doubles.
    return this.dialect.format === 'jsonl' && type === BIG_DECIMAL ? 'bigint' : type;
  }

  #drawTable(): void {
    const keys = this.#g(fc.integer, { min: 1, max: 3 });
    for (let index = 0; index < keys; index += 1) this.#key.push(this.#newColumn(this.#drawType()));
    const others = this.#g(fc.integer, { min: 1, max: 4 });
    for (let index = 0; index < others; index += 1) {
      const name = this.#newColumn(this.#drawType());
      if (this.oneIn(6)) this.#ignored.push(name);
    }
    if (this.oneIn(6)) this.#laterIn = this.#newColumn('timestamp');
    const rows = this.#g(fc.integer, { min: 0, max: this.#size.rows });
    for (let index = 0; index < rows; index += 1) this.#insert();
    this.#insertWitness();
  }

  #cell(type: ModelType, nullable: boolean): string | null {
    if (nullable && this.oneIn(6)) return null;
    if (type === WIDENED_DECIMAL) return this.#g(() => cellArb(BIG_DECIMAL, (raw) => raw));
    return this.#g(() => cellArb(type, (raw) => fitText(this.dialect, raw)));
  }

  #put(row: ModelRow): void {
    const key = keyOf(row, this.#key);
    this.#rows = [...this.#rows.filter((other) => keyOf(other, this.#key) !== key), row];
  }

  #insert(): void {
    this.#put(
      new Map(this.#columns.map(({ name, type }) => [name, this.#cell(type, !this.#key.includes(name))])),
    );
  }

  /** A row without which a column might look narrower than it is meant. */
  #insertWitness(): void {
    const row = new Map(this.#columns.map(({ name, type }) => [name, witness(type)]));
    this.#rows = [row, ...this.#rows.filter((other) => keyOf(other, this.#key) !== keyOf(row, this.#key))];
  }

  #update(name: string, cell: string | null): boolean {
    const index = this.pick(this.#rows.length);
    const row = this.#rows[index];
    if (row === undefined || this.#key.includes(name)) return false;
    this.#rows[index] = new Map([...row, [name, cell]]);
    return true;
  }

  #convertColumn(name: string, to: ModelType): void {
    const column = this.#columns.find((candidate) => candidate.name === name);
    if (column === undefined) return;
    const from = column.type;
    this.#columns = this.#columns.map((other) => (other.name === name ? { name, type: to } : other));
    this.#rows = this.#rows.map((row) => new Map([...row, [name, convert(row.get(name) ?? null, from, to)]]));
  }

  /** Changes the source, in view of what is published. */
  change(table: ModelTable): Step {
    this.#table = table;
    const what = this.#g(
      fc.constantFrom,
      'edit',
      'edit',
      'edit',
      'edit',
      'rewrite',
      'shuffle',
      'columns',
      'add',
      'widen',
      'widen',
      'retype',
      'drop',
      'mass-delete',
      'empty',
      'missing',
      'key',
      'reload',
      'huge',
    );
    this.#tell(`-- ${what}`);
    switch (what) {
      case 'rewrite':
        break;
      case 'shuffle':
        this.#rows = this.#shuffled(this.#rows);
        break;
      case 'columns':
        this.#columns = this.#shuffled(this.#columns);
        this.#edit();
        break;
      case 'add':
        this.#addColumn();
        break;
      case 'widen':
        this.#widen();
        break;
      case 'retype':
        this.#retype();
        break;
      case 'drop':
        this.#drop();
        break;
      case 'mass-delete':
        this.#rows = this.#rows.filter(() => this.oneIn(4));
        this.#keepJsonReadable();
        break;
      case 'empty':
        this.#rows = [];
        this.#keepJsonReadable();
        break;
      case 'missing':
        this.#edit();
        return 'missing';
      case 'key':
        this.#changeKey();
        break;
      case 'reload':
        this.#edit();
        this.#insertWitness();
        this.#forgetLostColumns();
        return 'reload';
      case 'huge':
        this.#goHuge();
        break;
      default:
        this.#edit();
    }
    return 'file';
  }

  /** A table that starts anew knows no column but the file's: "ignore" may name no other. */
  #forgetLostColumns(): void {
    const names = new Set(this.file.columns.map(({ name }) => name));
    const kept = this.#ignored.filter((name) => names.has(name));
    this.#ignored.splice(0, this.#ignored.length, ...kept);
  }

  #edit(): void {
    const edits = this.#g(fc.integer, { min: 1, max: this.#size.edits });
    for (let edit = 0; edit < edits; edit += 1) {
      const kind = this.pick(4);
      if (kind === 0) this.#insert();
      else if (kind === 1 && this.#rows.length > 1) this.#rows.splice(this.pick(this.#rows.length), 1);
      else {
        const column = this.#columns[this.pick(this.#columns.length)];
        if (column !== undefined) this.#update(column.name, this.#cell(column.type, true));
      }
    }
    if (this.oneIn(2)) this.#rows = this.#shuffled(this.#rows);
    this.#keepJsonReadable();
  }

  /** JSON lines have their columns in their rows alone. */
  #keepJsonReadable(): void {
    if (this.dialect.format === 'jsonl' && this.#rows.length === 0) this.#insert();
  }

  #shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.flatMap(() => left.splice(this.pick(left.length), 1));
  }

  #addColumn(): void {
    const gone =
      this.#table?.schema.filter(({ name }) => !this.#columns.some((column) => column.name === name)) ?? [];
    const back = gone[this.pick(gone.length)];
    const type = back?.type ?? this.#drawType();
    const name = back?.name ?? this.#newColumn(type);
    if (back !== undefined) this.#columns.push(back);
    this.#rows = this.#rows.map((row) => new Map([...row, [name, this.#cell(type, true)]]));
    if (this.#rows.length === 0) this.#insert();
    const [first, ...others] = this.#rows;
    if (first !== undefined) this.#rows = [new Map([...first, [name, witness(type)]]), ...others];
  }

  #plainColumn(...types: ModelType[]): ModelColumn | undefined {
    const found = this.#columns.filter(
      ({ name, type }) => types.includes(type) && !this.#key.includes(name) && name !== this.#laterIn,
    );
    return found[this.pick(found.length)];
  }

  /** As {@link #plainColumn}, where every value counts: what is never published needs no type. */
  #comparedColumn(...types: ModelType[]): ModelColumn | undefined {
    const column = this.#laterIn === undefined ? this.#plainColumn(...types) : undefined;
    return column !== undefined && this.#ignored.includes(column.name) ? undefined : column;
  }

  #widen(): void {
    const column = this.#comparedColumn('bigint', 'date');
    if (column === undefined || this.#rows.length === 0) return this.#edit();
    const { name, type } = column;
    const to =
      type === 'date' ? 'timestamp' : this.#isSmall(name) && this.oneIn(2) ? 'double' : WIDENED_DECIMAL;
    if (to === WIDENED_DECIMAL && this.dialect.format === 'jsonl') return this.#edit();
    this.#convertColumn(name, to);
    this.#update(name, to === WIDENED_DECIMAL ? '12345678901234567.25' : witness(to));
  }

  /** True where neither the source nor the lake has an integer in the column that a double cannot hold. */
  #isSmall(name: string): boolean {
    const rows = [...this.#rows, ...(this.#table?.rows.values() ?? [])];
    return rows.every((row) => Number.isSafeInteger(Number(row.get(name) ?? '0')));
  }

  #retype(): void {
    const column = this.#comparedColumn('bigint', 'date', 'boolean', 'timestamp');
    if (column === undefined || this.#rows.length === 0) return this.#edit();
    this.#convertColumn(column.name, 'text');
    this.#update(column.name, 'N/A');
  }

  #drop(): void {
    const column = this.#plainColumn(...KINDS, WIDENED_DECIMAL);
    if (column === undefined) return this.#edit();
    this.#columns = this.#columns.filter(({ name }) => name !== column.name);
    this.#rows = this.#rows.map((row) => new Map([...row].filter(([name]) => name !== column.name)));
  }

  #changeKey(): void {
    const possible = this.#columns.filter(
      ({ name }) =>
        !this.#key.includes(name) &&
        !this.#ignored.includes(name) &&
        name !== this.#laterIn &&
        [...this.#rows, ...(this.#table?.rows.values() ?? [])].every(
          (row) => (row.get(name) ?? null) !== null,
        ),
    );
    const more = possible[this.pick(possible.length)];
    if (more === undefined || this.#key.length >= 3) this.#key = this.#shuffled(this.#key);
    else this.#key = [...this.#key, more.name];
    this.#edit();
  }

  #goHuge(): void {
    const column = this.#plainColumn('bigint');
    if (column === undefined) return this.#edit();
    this.#update(column.name, this.#g(hugeIntegers));
  }
}
