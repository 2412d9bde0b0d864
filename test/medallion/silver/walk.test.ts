import { expect, test } from 'vitest';
import type { Equality } from '../../../src/medallion/silver/equalities.ts';
import { stepsFrom, stepsTo } from '../../../src/medallion/silver/walk.ts';

function equality(left: string, right: string, isOuter = false): Equality {
  const [column, other] = [left, right].map((text) => {
    const [mention = '', name = ''] = text.split('.');
    return { mention: Number(mention), name };
  });
  if (column === undefined || other === undefined) throw new Error('two columns make an equality');
  return { left: column, right: other, isOuter };
}

test('tables are reached along equalities, several columns at once', () => {
  const steps = stepsFrom([0], [equality('1.x', '0.y'), equality('0.p', '1.q'), equality('1.z', '2.z')]);
  expect(steps).toEqual([
    {
      from: 0,
      to: 1,
      on: [
        ['y', 'x'],
        ['p', 'q'],
      ],
      isOuter: false,
    },
    { from: 1, to: 2, on: [['z', 'z']], isOuter: false },
  ]);
});

test('what comes after an outer join may be missing as well', () => {
  const steps = stepsFrom([0], [equality('0.x', '1.x', true), equality('1.y', '2.y')]);
  expect(steps.map(({ to, isOuter }) => [to, isOuter])).toEqual([
    [1, true],
    [2, true],
  ]);
});

test('only who surely has a row on the right of an outer join tells of the left one', () => {
  const equalities = [equality('0.x', '2.x', true), equality('1.y', '2.y', true)];
  expect(stepsFrom([0], equalities).map(({ to }) => to)).toEqual([2]);
  expect(stepsFrom([2], equalities).map(({ to, isOuter }) => [to, isOuter])).toEqual([
    [0, false],
    [1, false],
  ]);
});

test('of steps only those are kept that lead to a target', () => {
  const steps = stepsFrom([0], [equality('0.x', '1.x'), equality('0.x', '2.x'), equality('2.y', '3.y')]);
  expect(stepsTo(new Set([3]), steps).map(({ to }) => to)).toEqual([2, 3]);
  expect(stepsTo(new Set([0]), steps)).toEqual([]);
});
