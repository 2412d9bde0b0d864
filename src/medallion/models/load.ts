import { basename } from 'node:path';
import type { Config, SeedsConfig } from '../../config/config.ts';
import type { Engine } from '../../engine/engine.ts';
import { fullName, LAYERS, type LayerTable, parseFullName } from '../layer.ts';
import type { Check } from '../checks/check.ts';
import { bindParameters } from './bind.ts';
import { type ModelFile, readModelFiles } from './files.ts';
import { type CheckedTable, type ModelSet, orderModels } from './graph.ts';
import { type HeaderLines, readHeader } from './header-lines.ts';
import { parseHeader, type ParsedHeader, variablesIn } from './header.ts';
import type { Model } from './model.ts';
import { modelHash } from './model-hash.ts';
import { type ModelProblem, modelsInvalid, suggestion } from './problem.ts';
import { tablesNamed } from './references.ts';
import { type RefusalRules, refusalsOf } from './refusals.ts';
import { parseStatement, parseStatements, type Statement } from './statement.ts';
import { findSeeds } from './seeds.ts';
import { GivenVariables, type Variable } from './variables.ts';

/** What models are read with. */
export interface LoadOptions {
  /** The bronze tables that there are; undefined where any may be read. */
  readonly tables?: readonly string[];
  /** Values of the models' variables, by name. */
  readonly values?: Config['vars'];
  /** How seeds are read; none are looked for where undefined. */
  readonly seeds?: SeedsConfig;
}

/**
 * Reads the models of a folder, in the order in which they can be built.
 *
 * @throws IgarapeError CONFIG_INVALID that lists every problem of every file: headers that cannot be read, SQL that is
 * no SELECT or reads what it may not, tables that do not exist, circles.
 */
export async function loadModels(
  engine: Engine,
  folder: string,
  { tables, values = {}, seeds: reading }: LoadOptions = {},
): Promise<ModelSet> {
  const { files, problems } = await readModelFiles(folder);
  const variables = new GivenVariables(engine, values);
  const { seeds, problems: ofSeeds } =
    reading === undefined ? { seeds: [], problems: [] } : await findSeeds(folder, reading);
  const known = [...seeds, ...bronzeTables(tables), ...files.map(({ layer, name }) => ({ layer, name }))];
  const reader = new ModelReader(engine, { known, isBronzeKnown: tables !== undefined, variables });
  const statements = await parseStatements(
    engine,
    files.map(({ text }) => text),
  );
  const models: Model[] = [];
  const checked = new Map<string, readonly CheckedTable[]>();
  for (const [index, statement] of statements.entries()) {
    const file = files[index];
    if (file === undefined) continue;
    const { model, reads } = await reader.read(file, statement);
    models.push(model);
    checked.set(fullName(model), reads);
  }
  const unknown = variables
    .unknown()
    .map((message) => ({ path: basename(folder), line: undefined, message }));
  const all = [...problems, ...ofSeeds, ...reader.problems, ...unknown];
  if (all.length > 0) throw modelsInvalid(basename(folder), all);
  const ordered = orderModels(models, checked);
  if (ordered.kind === 'ordered') return { seeds, models: ordered.models, checked };
  throw modelsInvalid(basename(folder), [ordered.problem]);
}

function bronzeTables(names: readonly string[] = []): LayerTable[] {
  return names.map((name) => ({ layer: 'bronze', name }));
}

/** What a model may name. */
interface Surroundings {
  readonly known: readonly LayerTable[];
  readonly isBronzeKnown: boolean;
  readonly variables: GivenVariables;
}

class ModelReader {
  readonly problems: ModelProblem[] = [];
  readonly #engine: Engine;
  /** By full name in lower case, as SQL compares names. */
  readonly #known: ReadonlyMap<string, LayerTable>;
  readonly #names: readonly string[];
  readonly #isBronzeKnown: boolean;
  readonly #variables: GivenVariables;

  constructor(engine: Engine, { known, isBronzeKnown, variables }: Surroundings) {
    this.#engine = engine;
    this.#known = new Map(known.map((table) => [fullName(table).toLowerCase(), table]));
    this.#names = [...this.#known.values()].map(fullName);
    this.#isBronzeKnown = isBronzeKnown;
    this.#variables = variables;
  }

  async read(
    file: ModelFile,
    statement: Statement,
  ): Promise<{ model: Model; reads: readonly CheckedTable[] }> {
    const { layer, name, path, text } = file;
    const lines = readHeader(text);
    const declared = variablesIn(lines);
    let sources: readonly LayerTable[] | undefined;
    if (statement.kind === 'refused') {
      this.#report(file, statement.line, statement.reason);
    } else {
      const { references, lineOf } = statement;
      const rules = this.#rules(layer, lines, declared);
      for (const { value, offset } of refusalsOf(references, rules)) {
        this.#report(file, lineOf(offset), value);
      }
      const { layers } = rules;
      sources = once(
        tablesNamed(references).map(({ value, offset }) =>
          layers.includes(value.layer) ? this.#find(file, value, lineOf(offset)) : value,
        ),
      );
    }
    this.#checkNames(file, sources ?? []);
    this.#checkBraces(file, declared);
    const parsed = parseHeader(lines, layer, sources);
    for (const { line, message } of parsed.problems) this.#report(file, line, message);
    const literals = await this.#literals(file, declared);
    const { checks, reads } = await this.#checks(file, lines, parsed, literals);
    const header = { ...parsed.header, checks };
    const written = statement.kind === 'parsed' ? statement : { sql: '', canonical: '', tree: {} };
    const isBound = statement.kind === 'parsed' && literals.size > 0;
    const { sql, canonical, tree } = isBound
      ? await bindParameters(this.#engine, statement, literals)
      : written;
    const hash = modelHash(canonical, header);
    return { model: { layer, name, path, sql, tree, hash, header, sources: sources ?? [] }, reads };
  }

  /** SQL of the values of variables, by their names in lower case. */
  async #literals(file: ModelFile, variables: readonly Variable[]): Promise<ReadonlyMap<string, string>> {
    const literals = new Map<string, string>();
    for (const variable of variables) {
      const literal = await this.#variables.literalOf(variable);
      if (literal.kind === 'parsed') literals.set(variable.name.toLowerCase(), literal.value);
      else this.#report(file, variable.line, `var: ${literal.reason}`);
    }
    return literals;
  }

  /** In a model two tables are told apart by their names alone. */
  #checkNames(file: ModelFile, sources: readonly LayerTable[]): void {
    for (const [index, table] of sources.entries()) {
      const other = sources
        .slice(0, index)
        .find(({ name }) => name.toLowerCase() === table.name.toLowerCase());
      if (other === undefined || file.layer !== 'gold') continue;
      const both = `${fullName(other)} and ${fullName(table)}`;
      this.#report(file, 1, `reads ${both}; allowed in gold: tables of different names`);
    }
  }

  /** A text such as `'{dt_ref}'` is what other tools put a value into. */
  #checkBraces(file: ModelFile, variables: readonly Variable[]): void {
    for (const name of ['dt_ref', ...variables.map((variable) => variable.name)]) {
      const at = file.text.indexOf(`'{${name}}'`);
      if (at === -1) continue;
      const line = file.text.slice(0, at).split('\n').length;
      this.#report(
        file,
        line,
        `has the text '{${name}}'; allowed: $${name}, which is a value, without quotes`,
      );
    }
  }

  /** A model's checks with the values of variables, and the tables that they read besides the model's own. */
  async #checks(
    file: ModelFile,
    lines: HeaderLines,
    { header, checkLines, variables }: ParsedHeader,
    literals: ReadonlyMap<string, string>,
  ): Promise<{ checks: readonly Check[]; reads: readonly CheckedTable[] }> {
    const read: CheckedTable[] = [];
    const checks = [...header.checks];
    for (const [index, check] of header.checks.entries()) {
      const { rule } = check;
      const line = checkLines[index] ?? 1;
      if (rule.kind === 'relationship') {
        const table = parseFullName(rule.toTable);
        if (table !== undefined) read.push({ ...this.#find(file, table, line), line });
      }
      if (rule.kind !== 'sql') continue;
      const statement = await parseStatement(this.#engine, rule.sql);
      if (statement.kind === 'refused') {
        this.#report(file, line, `check: ${statement.reason}`);
        continue;
      }
      const rules = {
        ...this.#rules(file.layer, lines, variables),
        layers: LAYERS,
        parameters: variables.map(({ name }) => name),
        insteadOfClock: undefined,
      };
      for (const { value } of refusalsOf(statement.references, rules)) {
        this.#report(file, line, `check: ${value}`);
      }
      for (const { value } of tablesNamed(statement.references))
        read.push({ ...this.#find(file, value, line), line });
      if (literals.size === 0) continue;
      const { sql } = await bindParameters(this.#engine, { ...statement, sql: rule.sql }, literals);
      checks[index] = { ...check, rule: { kind: 'sql', sql } };
    }
    return { checks, reads: once(read).filter((table) => fullName(table) !== fullName(file)) };
  }

  #rules(layer: Model['layer'], { entries }: HeaderLines, variables: readonly Variable[]): RefusalRules {
    const words = new Set(entries.map(({ word }) => word));
    const isDated = layer === 'gold' && (words.has('dt_ref') || !words.has('key'));
    const layers: RefusalRules['layers'] =
      layer === 'gold' ? ['silver', 'gold', 'seed'] : ['bronze', 'silver', 'seed'];
    const parameters = [...(isDated ? ['dt_ref'] : []), ...variables.map(({ name }) => name)];
    const insteadOfClock = isDated
      ? '$dt_ref, the date that a cube is of'
      : 'what follows from columns of the sources';
    return { known: this.#names, layers, parameters, insteadOfClock };
  }

  /** The table that SQL means, under the name that it has. */
  #find(file: ModelFile, table: LayerTable, line: number): LayerTable {
    const found = this.#known.get(fullName(table).toLowerCase());
    if (found !== undefined) return found;
    if (table.layer === 'bronze' && !this.#isBronzeKnown) return table;
    const name = fullName(table);
    const there = this.#names.filter((each) => each.startsWith(`${table.layer}.`));
    this.#report(
      file,
      line,
      `reads ${name}, which does not exist${suggestion(name, there)}; there ${there.length === 1 ? 'is' : 'are'}: ${there.join(', ') || `no ${table.layer} tables`}`,
    );
    return table;
  }

  #report({ path }: ModelFile, line: number, message: string): void {
    this.problems.push({ path, line, message });
  }
}

function once<T extends LayerTable>(tables: readonly T[]): readonly T[] {
  return [...new Map(tables.map((table) => [fullName(table), table])).values()];
}
