import type { Operation } from '../../explore/published.ts';
import { InvalidArgumentError } from 'commander';
import { type Stage, STAGES } from '../../pipeline/context.ts';

/** Arguments as values. Each throws what commander takes for a wrong argument. */

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It must be a whole number.');
}

export function port(value: string): number {
  const number = wholeNumber(value);
  if (number <= 65_535) return number;
  throw new InvalidArgumentError('It must be a port, 0 to 65535.');
}

export function stages(value: string, earlier: readonly Stage[] = []): Stage[] {
  const named = list(value).map((name) => {
    const stage = STAGES.find((each) => each === name);
    if (stage === undefined) throw new InvalidArgumentError(`It must be of ${STAGES.join(', ')}.`);
    return stage;
  });
  return [...earlier, ...named];
}

/** A comma-separated list; given twice, both count. */
export function list(value: string, earlier: readonly string[] = []): string[] {
  const named = value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  // A variable of a script that is empty would otherwise ask for no table at all.
  if (named.length === 0) throw new InvalidArgumentError('It must name at least one.');
  return [...earlier, ...named];
}

export function positive(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

export function variable(
  written: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(written) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('It must be a name and a value: since=2024-01-01.');
  return { ...earlier, [name.trim()]: value };
}

export function operations(value: string): Operation[] {
  return list(value.toUpperCase()).map((letter) => {
    if (letter === 'I' || letter === 'U' || letter === 'D') return letter;
    throw new InvalidArgumentError('It must be of I, U, D.');
  });
}
