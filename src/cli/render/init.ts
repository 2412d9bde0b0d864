import type { InitResult } from '../init/init.ts';

export function renderInit(result: InitResult): string {
  const tables = result.tables.map(({ name, pk }) => `  ${name} (key: ${pk.join(', ')})`);
  const skipped = result.skipped.map(({ file, reason }) => `  ${file}: ${reason}`);
  return [
    `Wrote ${result.written.slice(0, -1).join(', ')}${result.written.length > 1 ? ' and ' : ''}${result.written.at(-1)}.`,
    ...(result.kept.length === 0 ? [] : [`Left as it was: ${result.kept.join(', ')}.`]),
    'Tables:',
    ...tables,
    ...(skipped.length === 0 ? [] : ['Left out:', ...skipped]),
    ...result.notes,
    'Next: igarape plan, then igarape run.',
  ].join('\n');
}
