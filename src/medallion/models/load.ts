import { basename } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import { fullName, LAYERS, type LayerTable, parseFullName } from '../layer.ts';
import { type ModelFile, readModelFiles } from './files.ts';
import { type CheckedTable, type ModelSet, orderModels } from './graph.ts';
import { readHeader } from './header-lines.ts';
import { parseHeader, type ParsedHeader } from './header.ts';
import type { Model } from './model.ts';
import { modelHash } from './model-hash.ts';
import { type ModelProblem, modelsInvalid, suggestion } from './problem.ts';
import { type RefusalRules, refusalsOf, unstableFunctions } from './refusals.ts';
import { parseStatement } from './statement.ts';

/**
 * Reads the models of a folder, in the order in which they can be built. `tables`: the bronze tables that there are;
 * undefined where any may be read.
 *
 * @throws IgarapeError CONFIG_INVALID that lists every problem of every file: headers that cannot be read, SQL that is
 * no SELECT or reads what it may not, tables that do not exist, circles.
 */
export async function loadModels(
  engine: Engine,
  folder: string,
  tables?: readonly string[],
): Promise<ModelSet> {
  const { files, problems } = await readModelFiles(folder);
  const reader = new ModelReader(engine, files, tables, await unstableFunctions(engine));
  const models: Model[] = [];
  const checked = new Map<string, readonly CheckedTable[]>();
  for (const file of files) {
    const { model, reads } = await reader.read(file);
    models.push(model);
    checked.set(fullName(model), reads);
  }
  const all = [...problems, ...reader.problems];
  if (all.length > 0) throw modelsInvalid(basename(folder), all);
  const ordered = orderModels(models, checked);
  if (ordered.kind === 'ordered') return { models: ordered.models, checked };
  throw modelsInvalid(basename(folder), [ordered.problem]);
}

class ModelReader {
  readonly problems: ModelProblem[] = [];
  readonly #engine: Engine;
  /** By full name in lower case, as SQL compares names. */
  readonly #known: ReadonlyMap<string, LayerTable>;
  readonly #isBronzeKnown: boolean;
  readonly #unstable: ReadonlySet<string>;

  constructor(
    engine: Engine,
    files: readonly ModelFile[],
    tables: readonly string[] | undefined,
    unstable: ReadonlySet<string>,
  ) {
    const bronze = (tables ?? []).map((name): LayerTable => ({ layer: 'bronze', name }));
    const known = [...bronze, ...files.map(({ layer, name }): LayerTable => ({ layer, name }))];
    this.#engine = engine;
    this.#known = new Map(known.map((table) => [fullName(table).toLowerCase(), table]));
    this.#isBronzeKnown = tables !== undefined;
    this.#unstable = unstable;
  }

  async read(file: ModelFile): Promise<{ model: Model; reads: readonly CheckedTable[] }> {
    const { layer, name, path, text } = file;
    const statement = await parseStatement(this.#engine, text);
    let sources: readonly LayerTable[] | undefined;
    if (statement.kind === 'refused') {
      this.#report(file, statement.line, statement.reason);
    } else {
      const { references, lineOf } = statement;
      const rules = this.#rules(layer, text);
      for (const { value, offset } of refusalsOf(references, rules)) {
        this.#report(file, lineOf(offset), value);
      }
      const { layers } = rules;
      sources = once(
        references.tables.map(({ value, offset }) =>
          layers.includes(value.layer) ? this.#find(file, value, lineOf(offset)) : value,
        ),
      );
    }
    this.#checkNames(file, sources ?? []);
    const parsed = parseHeader(text, layer, sources);
    for (const { line, message } of parsed.problems) this.#report(file, line, message);
    const reads = await this.#checkReads(file, parsed);
    const canonical = statement.kind === 'parsed' ? statement.canonical : '';
    return {
      model: {
        layer,
        name,
        path,
        sql: statement.kind === 'parsed' ? statement.sql : '',
        hash: modelHash(canonical, parsed.header),
        header: parsed.header,
        sources: sources ?? [],
      },
      reads,
    };
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

  /** The tables that a model's checks read besides its own. */
  async #checkReads(file: ModelFile, { header, checkLines }: ParsedHeader): Promise<readonly CheckedTable[]> {
    const read: CheckedTable[] = [];
    for (const [index, { rule }] of header.checks.entries()) {
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
        ...this.#rules(file.layer, file.text),
        layers: LAYERS,
        parameters: [],
        unstable: undefined,
      };
      for (const { value } of refusalsOf(statement.references, rules)) {
        this.#report(file, line, `check: ${value}`);
      }
      for (const { value } of statement.references.tables)
        read.push({ ...this.#find(file, value, line), line });
    }
    return once(read).filter((table) => fullName(table) !== fullName(file));
  }

  #rules(layer: Model['layer'], text: string): RefusalRules {
    const words = new Set(readHeader(text).entries.map(({ word }) => word));
    const isDated = layer === 'gold' && (words.has('dt_ref') || !words.has('key'));
    const common = { unstable: this.#unstable, known: this.#names() };
    const layers: RefusalRules['layers'] = layer === 'gold' ? ['silver', 'gold'] : ['bronze', 'silver'];
    return isDated
      ? { ...common, layers, parameters: ['dt_ref'], insteadOfClock: '$dt_ref, the date that a cube is of' }
      : { ...common, layers, parameters: [], insteadOfClock: 'what follows from columns of the sources' };
  }

  /** The table that SQL means, under the name that it has. */
  #find(file: ModelFile, table: LayerTable, line: number): LayerTable {
    const found = this.#known.get(fullName(table).toLowerCase());
    if (found !== undefined) return found;
    if (table.layer === 'bronze' && !this.#isBronzeKnown) return table;
    const name = fullName(table);
    const there = this.#names().filter((each) => each.startsWith(`${table.layer}.`));
    this.#report(
      file,
      line,
      `reads ${name}, which does not exist${suggestion(name, there)}; there ${there.length === 1 ? 'is' : 'are'}: ${there.join(', ') || `no ${table.layer} tables`}`,
    );
    return table;
  }

  #names(): string[] {
    return [...this.#known.values()].map(fullName);
  }

  #report({ path }: ModelFile, line: number, message: string): void {
    this.problems.push({ path, line, message });
  }
}

function once<T extends LayerTable>(tables: readonly T[]): readonly T[] {
  return [...new Map(tables.map((table) => [fullName(table), table])).values()];
}
