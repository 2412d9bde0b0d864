import { closest, didYouMean } from '../../config/closest.ts';
import { IgarapeError } from '../../core/errors.ts';
import { fullName, LAYERS, type LayerTable } from '../layer.ts';
import { dependencies, dependents, type ModelSet } from './graph.ts';
import type { Model } from './model.ts';

/**
 * The tables that a selection names, in the order in which they are built. A word is a table (`silver.clientes`), a
 * layer (`gold`), models of a tag (`tag:daily`) or in a folder (`finance/`, `gold/finance/`); `+` behind it adds what depends on it, `+` before it what it depends on. `tables`: the bronze tables.
 *
 * @throws IgarapeError USAGE for a word that names nothing.
 */
export function selectTables(
  set: ModelSet,
  tables: readonly string[],
  words: readonly string[],
): readonly LayerTable[] {
  const bronze = tables.map((name): LayerTable => ({ layer: 'bronze', name }));
  const all: LayerTable[] = [...set.seeds, ...bronze, ...set.models];
  const selected = new Set<string>();
  for (const word of words.flatMap((each) => each.split(',')).map((each) => each.trim())) {
    if (word === '') continue;
    const name = word.replace(/^\+/, '').replace(/\+$/, '');
    for (const table of ofModels(set.models, name) ?? named(all, name)) {
      selected.add(fullName(table));
      if (word.startsWith('+')) for (const each of dependencies(set, table)) selected.add(fullName(each));
      if (word.endsWith('+')) for (const each of dependents(set, table)) selected.add(fullName(each));
    }
  }
  return all.filter((table) => selected.has(fullName(table)));
}

/** The models that a tag or a folder has; undefined for other words. */
function ofModels(models: readonly Model[], word: string): readonly Model[] | undefined {
  const wanted = word.toLowerCase();
  const [, tag] = /^tag:(.*)$/.exec(wanted) ?? [];
  const isFolder = tag === undefined && wanted.includes('/');
  if (tag === undefined && !isFolder) return undefined;
  const found = models.filter((model) =>
    tag === undefined
      ? foldersOf(model).includes(wanted.replace(/\/*$/, '/'))
      : model.header.tags.includes(tag),
  );
  if (found.length > 0) return found;
  const known = [...new Set(models.flatMap((model) => (isFolder ? foldersOf(model) : model.header.tags)))];
  const near = closest(tag ?? wanted, known);
  const names = known.toSorted().join(', ') || 'none';
  throw new IgarapeError(
    'USAGE',
    `No model has the ${isFolder ? 'folder' : 'tag'} ${JSON.stringify(tag ?? word)}`,
    {
      hint: didYouMean(
        near,
        isFolder ? `There are these folders: ${names}.` : `There are these tags: ${names}.`,
      ),
    },
  );
}

/** Every folder that a model is in, with and without its layer's: `finance/`, `gold/finance/`. In lower case. */
function foldersOf({ path }: Model): readonly string[] {
  const [, layer = '', ...folders] = path.toLowerCase().split('/').slice(0, -1);
  const within = folders.map((_, index) => `${folders.slice(0, index + 1).join('/')}/`);
  return [`${layer}/`, ...within, ...within.map((folder) => `${layer}/${folder}`)];
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
    hint: didYouMean(meant, `There are: ${names.join(', ')}.`),
  });
}
