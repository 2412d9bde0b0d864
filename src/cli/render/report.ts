import { say } from '../language.ts';
import { size } from './format.ts';

export interface WrittenReport {
  readonly file: string;
  readonly bytes: number;
  readonly rows: boolean;
  readonly runsWithoutRows: readonly number[];
  readonly tablesWithoutRows: readonly string[];
}

export function renderReport({
  file,
  bytes,
  rows,
  runsWithoutRows,
  tablesWithoutRows,
}: WrittenReport): string {
  return [
    say(`${file}, ${size(bytes)}: opens in any browser, without a server`),
    ...(rows ? [] : [say('it holds counts, and no rows of tables: --rows puts them into it')]),
    ...(runsWithoutRows.length === 0
      ? []
      : [say(`to stay below --max-size it leaves out the rows of the runs ${runsWithoutRows.join(', ')}`)]),
    ...(tablesWithoutRows.length === 0
      ? []
      : [say(`and the rows and values of the tables ${tablesWithoutRows.join(', ')}`)]),
  ].join('\n');
}
