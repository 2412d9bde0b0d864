import { say } from '../language.ts';
import { size } from './format.ts';

export interface WrittenReport {
  readonly file: string;
  readonly bytes: number;
  readonly rows: boolean;
  readonly runsWithoutRows: readonly number[];
}

export function renderReport({ file, bytes, rows, runsWithoutRows }: WrittenReport): string {
  return [
    say(`${file}, ${size(bytes)}: opens in any browser, without a server`),
    ...(rows ? [] : [say('it holds counts, and no rows of tables: --rows puts them into it')]),
    ...(runsWithoutRows.length === 0
      ? []
      : [say(`to stay below --max-size it leaves out the rows of the runs ${runsWithoutRows.join(', ')}`)]),
  ].join('\n');
}
