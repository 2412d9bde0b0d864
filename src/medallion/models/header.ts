import { sameName } from '../../core/schema.ts';
import type { Check } from '../checks/check.ts';
import { fullName, type LayerTable, parseFullName } from '../layer.ts';
import type { HeaderEntry, HeaderLines, HeaderProblem, HeaderWord } from './header-lines.ts';
import {
  type ColumnNote,
  type JoinKey,
  type Model,
  type ModelHeader,
  type Partition,
  PARTITIONS,
  type SourceColumn,
} from './model.ts';
import { parseCheck } from './parse-check.ts';
import { type Parsed, parsed, refused, suggestion } from './problem.ts';
import { columnList, dottedName, isSign, type Token, tokensOf } from './tokens.ts';
import { parseVariable, type Variable } from './variables.ts';

export interface ParsedHeader {
  readonly header: ModelHeader;
  /** Of each check, in their order: counted from 1. */
  readonly checkLines: readonly number[];
  readonly variables: readonly Variable[];
  readonly problems: readonly HeaderProblem[];
}

/**
 * The comment header of a model's file. What cannot be read is a problem, and left out. `sources`: the tables that the
 * SELECT reads, to find those that the header names; undefined where they are not known.
 */
export function parseHeader(
  { entries, problems }: HeaderLines,
  layer: Model['layer'],
  sources?: readonly LayerTable[],
): ParsedHeader {
  const reader = new HeaderReader(entries, sources);
  for (const problem of problems) reader.problems.push(problem);
  const checks = reader.checks();
  const header: ModelHeader = {
    description: reader.once('description', parsed),
    columns: reader.columnNotes(),
    tags: reader.once('tags', tags) ?? [],
    key: reader.once('key', columns) ?? [],
    checks: checks.map(({ check }) => check),
    joins: reader.every('join key', (value) => reader.joinKey(value)),
    dateColumn: reader.once('dt_ref', (value) => reader.column(tokensOf(value) ?? [], value)),
    windowDays: reader.once('window', days) ?? 1,
    partition: reader.once('partition', partition) ?? 'none',
    incremental: reader.once('incremental', incremental) ?? 'by cost',
  };
  const variables = reader.variables();
  reader.require(layer);
  return { header, checkLines: checks.map(({ line }) => line), variables, problems: reader.problems };
}

/** The variables that a header declares, as far as they can be read. */
export function variablesIn({ entries }: HeaderLines): readonly Variable[] {
  return new HeaderReader(entries, undefined).variables();
}

class HeaderReader {
  readonly problems: HeaderProblem[] = [];
  readonly #entries: readonly HeaderEntry[];
  readonly #sources: readonly LayerTable[] | undefined;

  constructor(entries: readonly HeaderEntry[], sources: readonly LayerTable[] | undefined) {
    this.#entries = entries;
    this.#sources = sources;
  }

  once<T>(word: HeaderWord, parse: (value: string) => Parsed<T>): T | undefined {
    const [first, ...more] = this.#entries.filter((entry) => entry.word === word);
    for (const { line } of more)
      this.#report(line, word, `stands in line ${first?.line} already; allowed: once`);
    return first === undefined ? undefined : this.#read(first, parse);
  }

  every<T>(word: HeaderWord, parse: (value: string) => Parsed<T>): T[] {
    return this.#entries
      .filter((entry) => entry.word === word)
      .flatMap((entry) => this.#read(entry, parse) ?? []);
  }

  checks(): { check: Check; line: number }[] {
    return this.#entries.flatMap((entry) => {
      const severity = SEVERITIES.get(entry.word);
      if (severity === undefined) return [];
      const check = this.#read(entry, (value) => parseCheck(value, severity));
      return check === undefined ? [] : [{ check, line: entry.line }];
    });
  }

  columnNotes(): ColumnNote[] {
    const notes: ColumnNote[] = [];
    for (const entry of this.#entries.filter(({ word }) => word === 'column')) {
      const description = this.#read(entry, parsed);
      const [column] = columnList(tokensOf(entry.subject ?? '') ?? []) ?? [];
      if (description === undefined) continue;
      if (column === undefined) this.#report(entry.line, 'column', NO_COLUMN);
      else if (notes.some((note) => sameName(note.column, column)))
        this.#report(entry.line, 'column', `${column} is described already; allowed: once`);
      else notes.push({ column, description });
    }
    return notes;
  }

  variables(): Variable[] {
    const found: Variable[] = [];
    for (const entry of this.#entries.filter(({ word }) => word === 'var')) {
      const variable = this.#read(entry, (value) => parseVariable(value, entry.line));
      if (variable === undefined) continue;
      if (found.some(({ name }) => name === variable.name))
        this.#report(entry.line, 'var', `${variable.name} is declared already; allowed: once`);
      else found.push(variable);
    }
    return found;
  }

  joinKey(value: string): Parsed<JoinKey> {
    const tokens = tokensOf(value) ?? [];
    const equals = tokens.findIndex((token) => isSign(token, '='));
    const left = this.column(tokens.slice(0, Math.max(0, equals)), value);
    if (left.kind === 'refused') return equals === -1 ? notAJoin(value) : left;
    const right = this.column(tokens.slice(equals + 1), value);
    if (right.kind === 'refused') return right;
    const [from, to] = [left.value.table, right.value.table];
    if (from === undefined || to === undefined || fullName(from) === fullName(to)) return notAJoin(value);
    return parsed({ left: left.value, right: right.value });
  }

  column(tokens: readonly Token[], written: string): Parsed<SourceColumn> {
    const names = dottedName(tokens) ?? [];
    const column = names.at(-1);
    if (column === undefined || names.length > 3) {
      return refused(show(written), 'a column, as column, table.column or layer.table.column');
    }
    const name = names.slice(0, -1).join('.');
    if (name === '') return parsed({ table: undefined, column });
    const sources = this.#sources;
    // The SELECT could not be read, which is told already.
    if (sources === undefined) {
      return parsed({ table: parseFullName(name) ?? { layer: 'silver', name }, column });
    }
    const wanted = name.toLowerCase();
    const [table, other] = sources.filter((source) =>
      [fullName(source), source.name].some((each) => each.toLowerCase() === wanted),
    );
    if (table === undefined || other !== undefined) {
      const known = sources.map(fullName);
      const near = suggestion(name, [...known, ...sources.map((source) => source.name)]);
      return refused(
        show(name) + near,
        `a table that the SELECT reads: ${known.join(', ') || 'it reads none'}`,
      );
    }
    return parsed({ table, column });
  }

  /** What must, and what must not, stand in a header of a layer. */
  require(layer: Model['layer']): void {
    const has = (word: HeaderWord): HeaderEntry | undefined =>
      this.#entries.find((entry) => entry.word === word);
    const isDated = has('dt_ref') !== undefined;
    if (has('key') === undefined && layer === 'silver') this.#report(1, 'key', NO_KEY);
    if (has('key') === undefined && layer === 'gold' && !isDated) this.#report(1, 'dt_ref', NO_DATES);
    for (const word of ['dt_ref', 'window', 'partition'] as const) {
      const entry = has(word);
      if (entry === undefined || (layer === 'gold' && isDated)) continue;
      const where =
        layer === 'silver'
          ? 'is for gold; allowed in silver: no reference date'
          : 'goes with dt_ref; allowed without: key';
      this.#report(entry.line, word, where);
    }
  }

  #read<T>(entry: HeaderEntry, parse: (value: string) => Parsed<T>): T | undefined {
    const result =
      entry.value === '' ? refused('nothing', `a value after "${entry.word}:"`) : parse(entry.value);
    if (result.kind === 'parsed') return result.value;
    this.#report(entry.line, entry.word, result.reason);
    return undefined;
  }

  #report(line: number, word: HeaderWord, message: string): void {
    this.problems.push({ line, message: `${word}: ${message}` });
  }
}

const NO_COLUMN = 'found no column; allowed: the name of one, e.g. "-- column valor: What was paid"';
const NO_KEY = 'is missing; allowed: the columns that tell its rows apart, e.g. "-- key: idCliente"';
const NO_DATES =
  'is missing; allowed: the column of a source that reference dates come from, e.g. "-- dt_ref: transacoes.DtCriacao", or "-- key: …" for a table without dates';

const SEVERITIES: ReadonlyMap<HeaderWord, Check['severity']> = new Map([
  ['check', 'error'],
  ['check error', 'error'],
  ['check warn', 'warn'],
]);

function columns(value: string): Parsed<readonly string[]> {
  const names = columnList(tokensOf(value) ?? []);
  if (names === undefined) return refused(show(value), 'columns by comma, e.g. idCliente, "order no"');
  const folded = new Set(names.map((name) => name.toLowerCase()));
  return folded.size < names.length ? refused(`${show(value)}, a column twice`, 'each once') : parsed(names);
}

function tags(value: string): Parsed<readonly string[]> {
  const words = value.split(',').map((word) => word.trim().toLowerCase());
  return words.every((word) => /^[\p{L}\p{N}_.-]+$/u.test(word))
    ? parsed([...new Set(words)])
    : refused(show(value), 'words by comma, e.g. daily, finance');
}

function incremental(value: string): Parsed<'required' | 'never'> {
  const word = (['required', 'never'] as const).find((each) => each === value.toLowerCase());
  return word === undefined ? refused(show(value), 'required or never') : parsed(word);
}

const MOST_DAYS = 36_525;

function days(value: string): Parsed<number> {
  const [, digits] = /^(\d{1,6})(?:\s+days?)?$/i.exec(value) ?? [];
  const number = Number(digits);
  return number >= 1 && number <= MOST_DAYS
    ? parsed(number)
    : refused(show(value), `a number of days from 1 to ${MOST_DAYS}, e.g. 28 days`);
}

function partition(value: string): Parsed<Partition> {
  const found = PARTITIONS.find((each) => each === value.toLowerCase());
  return found === undefined ? refused(show(value), `one of ${PARTITIONS.join(', ')}`) : parsed(found);
}

function notAJoin(value: string): Parsed<never> {
  return refused(show(value), 'columns of two tables, e.g. clientes.idCliente = transacoes.idCliente');
}

function show(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
}
