import { styleText } from 'node:util';
import type { DoctorReport } from '../../pipeline/doctor/doctor.ts';

export function renderDoctor({ checks, ok }: DoctorReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = ' '.repeat('wrong  '.length + width + 2);
  const lines = checks.flatMap((check) => {
    const mark = check.ok
      ? styleText('green', 'ok   ', { stream: process.stdout })
      : styleText('red', 'wrong', { stream: process.stdout });
    const found = check.found.replaceAll('\n', `\n${indent}`);
    return [
      `${mark}  ${check.name.padEnd(width)}  ${found}`,
      ...(check.hint === null ? [] : [`${indent}${check.hint}`]),
    ];
  });
  const wrong = checks.filter((check) => !check.ok).length;
  return [
    ...lines,
    '',
    ok ? 'All is well.' : `${wrong} of ${checks.length} checks found something wrong.`,
  ].join('\n');
}
