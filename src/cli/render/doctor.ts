import type { DoctorReport } from '../../pipeline/doctor/doctor.ts';
import { say, sayState, told } from '../language.ts';
import { type Layout, widthOf, wrapped } from './layout.ts';
import { stateWord } from './state.ts';

export function renderDoctor({ checks, ok }: DoctorReport, layout: Layout): string {
  const names = checks.map(({ name }) => told(name));
  const width = Math.max(...names.map(widthOf));
  const stateWidth = Math.max(...[sayState('ok'), sayState('wrong')].map(widthOf));
  const indent = ' '.repeat(stateWidth + 2 + width + 2);
  const lines = checks.flatMap((check, index) => {
    const found = told(check.found).replaceAll('\n', `\n${indent}`);
    const state = check.ok ? 'ok' : 'wrong';
    const mark = `${stateWord(state)}${' '.repeat(stateWidth - widthOf(sayState(state)))}`;
    return [
      `${mark}  ${(names[index] ?? '').padEnd(width)}  ${found}`,
      ...(check.hint === null ? [] : [`${indent}${told(check.hint)}`]),
    ].map((text) => wrapped(text, layout, indent));
  });
  const wrong = checks.filter((check) => !check.ok).length;
  return [
    ...lines,
    '',
    ok ? say('All is well.') : say(`${wrong} of ${checks.length} checks found something wrong.`),
  ].join('\n');
}
