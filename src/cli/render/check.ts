import type { CheckedModel, CheckReport } from '../../pipeline/check.ts';
import type { State } from '../../core/language/sentence.ts';
import { say, told } from '../language.ts';
import { cell, count, plural } from './format.ts';
import type { Layout } from './layout.ts';
import { stateWord } from './state.ts';
import { table } from './table.ts';

export function renderCheck({ models }: CheckReport, layout: Layout): string {
  const found = Object.entries(models);
  if (found.length === 0) return say('The configuration is right. It names no models.');
  const rows = found.map(([name, model]) => [
    name,
    stateWord(state(model)),
    cell(saysOf(model), LONGEST_REASON),
  ]);
  const broken = found.filter(([, { fits }]) => fits === false).length;
  const asked = found.flatMap(([, { onSpark }]) => (onSpark === undefined ? [] : [onSpark]));
  return [
    table(['model', '', { head: '', long: 'wrap' }], rows, layout),
    broken === 0
      ? say(`${plural(found.length, 'model')}; none that a run could not compute`)
      : say(`${count(broken)} of ${count(found.length)} models cannot be computed`),
    ...(asked.length === 0
      ? []
      : [
          say(
            `${count(asked.filter((refusals) => refusals.length === 0).length)} of ${count(asked.length)} models run on Spark`,
          ),
        ]),
  ].join('\n');
}

function state({ fits, onSpark = [] }: CheckedModel): State {
  if (fits === null) return 'unknown';
  if (onSpark.length > 0) return 'duckdb only';
  return fits ? 'ok' : 'BROKEN';
}

function saysOf({ fits, reason, build, columns, onSpark }: CheckedModel): string {
  const rebuilt = build?.kind === 'rebuild' ? say(`rebuilt by each run: ${told(build.reason)}`) : undefined;
  if (reason !== null)
    return fits === null && rebuilt !== undefined
      ? `${told(reason)} ${say(`It is ${rebuilt}`)}`
      : told(reason);
  const how = rebuilt ?? say('incremental');
  return [`${how}; ${plural(columns.length, 'column')}`, ...sparkWords(onSpark)].join('; ');
}

function sparkWords(refusals: CheckedModel['onSpark']): string[] {
  if (refusals === undefined) return [];
  if (refusals.length === 0) return [say('runs on Spark')];
  const named = refusals.map(({ line, what }) =>
    line === null ? told(what) : say(`line ${line}: ${told(what)}`),
  );
  return [say(`not on Spark, which has no equal for: ${named.join(', ')}`)];
}

const LONGEST_REASON = 2000;
