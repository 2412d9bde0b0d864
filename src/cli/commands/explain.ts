import { closest, didYouMean } from '../../config/closest.ts';
import { IgarapeError } from '../../core/errors.ts';
import { explainedCodes } from '../explained-codes.ts';
import { say, spoken } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { wrapped } from '../render/layout.ts';
import { table } from '../render/table.ts';

/** One code with what it means and what to do, or without an argument all of them. */
export async function command(
  [wanted]: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  const codes = await explainedCodes(spoken());
  if (wanted === undefined) {
    print(codes, globals, (all, layout) =>
      table(
        ['code', { head: 'exit', right: true }, { head: 'meaning', long: 'wrap' }],
        all.map(({ code, exitCode, meaning }) => [code, String(exitCode), meaning]),
        layout,
      ),
    );
    return 0;
  }
  const code = wanted.toUpperCase().replaceAll('-', '_');
  const found = codes.find((each) => each.code === code);
  if (found === undefined)
    throw unknown(
      wanted,
      code,
      codes.map((each) => each.code),
    );
  print(found, globals, ({ exitCode, meaning, remedy }, layout) =>
    wrapped([say(`${code}, exit code ${exitCode}`), '', meaning, remedy].join('\n'), layout),
  );
  return 0;
}

function unknown(wanted: string, code: string, known: readonly string[]): IgarapeError {
  const near = closest(code, known);
  return new IgarapeError('USAGE', `There is no code ${JSON.stringify(wanted)}.`, {
    hint: didYouMean(near, 'All of them: igarape explain'),
  });
}
