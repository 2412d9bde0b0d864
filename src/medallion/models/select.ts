import { closest } from '../../config/closest.ts';
import { IgarapeError } from '../../core/errors.ts';
import { fullName, LAYERS, type LayerTable } from '../layer.ts';
import { dependencies, dependents, type ModelSet } from './graph.ts';

/**
 * The tables that a selection names, in the order in which they are built. A word is a table (`silver.clientes`) or a
 * layer (`gold`); `+` behind it adds what depends on it, `+` before it what it depends on. `tables`: the bronze tables.
 *
 * @throws IgarapeError USAGE for a word that names nothing.
 */
export function selectTables(
  set: ModelSet,
  tables: readonly string[],
  words: readonly string[],
): readonly LayerTable[] {
  const all: LayerTable[] = [...tables.map((name): LayerTable => ({ layer: 'bronze', name })), ...set.models];
  const selected = new Set<string>();
  for (const word of words.flatMap((each) => each.split(',')).map((each) => each.trim())) {
    if (word === '') continue;
    const name = word.replace(/^\+/, '').replace(/\+$/, '');
    for (const table of named(all, name)) {
      selected.add(fullName(table));
      if (word.startsWith('+')) for (const each of dependencies(set, table)) selected.add(fullName(each));
      if (word.endsWith('+')) for (const each of dependents(set, table)) selected.add(fullName(each));
    }
  }
  return all.filter((table) => selected.has(fullName(table)));
}

function named(all: readonly LayerTable[], name: string): readonly LayerTable[] {
  const wanted = name.toLowerCase();
  if (LAYERS.some((layer) => layer === wanted)) return all.filter(({ layer }) => layer === wanted);
  const found = all.find((table) => fullName(table).toLowerCase() === wanted);
  if (found !== undefined) return [found];
  const names = [...LAYERS, ...all.map(fullName)];
  const near = all.find((table) => table.name.toLowerCase() === wanted);
  const meant = near === undefined ? closest(name, names) : fullName(near);
  throw new IgarapeError('USAGE', `There is no model ${JSON.stringify(name)}`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}There are: ${names.join(', ')}.`,
  });
}
