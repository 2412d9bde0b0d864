import type { InitResult } from '../init/init.ts';
import { say, told } from '../language.ts';
import { type Layout, wrapped } from './layout.ts';

export function renderInit(result: InitResult, layout: Layout): string {
  const tables = result.tables.map(
    ({ name, pk }) =>
      `  ${pk.length === 0 ? say(`${name} (key: the whole row)`) : say(`${name} (key: ${pk.join(', ')})`)}`,
  );
  const skipped = result.skipped.map(({ file, reason }) => `  ${file}: ${told(reason)}`);
  const lines = [
    say(`Wrote ${result.written.join(', ')}.`),
    ...(result.kept.length === 0 ? [] : [say(`Left as it was: ${result.kept.join(', ')}.`)]),
    say('Tables:'),
    ...tables,
    ...(skipped.length === 0 ? [] : [say('Left out:'), ...skipped]),
    ...result.notes.map(told),
    say('Next: igarape plan, then igarape run.'),
  ];
  return wrapped(lines.join('\n'), layout, '  ');
}
