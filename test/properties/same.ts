import type { ModelRow } from './table-model.ts';

export function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} where ${String(expected)} is right`);
}

export function sameColumns(
  actual: readonly { name: string; type: string }[],
  expected: readonly { name: string; type: string }[],
  inAnyOrder: boolean,
): void {
  const text = (columns: readonly { name: string; type: string }[]): string => {
    const parts = columns.map(({ name, type }) => JSON.stringify([name, type]));
    return (inAnyOrder ? parts.toSorted(compareTexts) : parts).join();
  };
  equal(text(actual), text(expected), 'columns');
}

export function sameRows(
  actual: ReadonlyMap<string, ModelRow>,
  expected: ReadonlyMap<string, ModelRow>,
  what: string,
): void {
  equal(rowsText(actual), rowsText(expected), what);
}

function rowsText(rows: ReadonlyMap<string, ModelRow>): string {
  const lines = [...rows.values()].map((row) => {
    const cells = [...row].filter(([, cell]) => cell !== null).map((cell) => JSON.stringify(cell));
    return cells.toSorted(compareTexts).join();
  });
  return lines.toSorted(compareTexts).join('\n');
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
