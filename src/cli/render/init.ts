import type { InitResult } from '../init/init.ts';

export function renderInit(result: InitResult): string {
  const tables = result.tables.map(({ name, pk }) => `  ${name} (key: ${pk.join(', ')})`);
  const skipped = result.skipped.map(({ file, reason }) => `  ${file}: ${reason}`);
  return [
    `Wrote ${result.written.join(' and ')}.`,
    ...(result.kept.length === 0 ? [] : [`Left as it was: ${result.kept.join(', ')}.`]),
    'Tables:',
    ...tables,
    ...(skipped.length === 0 ? [] : ['Left out:', ...skipped]),
    ...result.notes,
    'Next: igarape plan, then igarape run.',
  ].join('\n');
}
