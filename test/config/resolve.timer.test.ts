import { expect, test } from 'vitest';
import { accepted, refusals, written } from './written.ts';

test('case 45: seconds are honoured', () => {
  expect(accepted({ timer: { unit: 'seconds', value: 30 } }).timer).toEqual({
    kind: 'interval',
    everyMs: 30_000,
  });
});

test.each([0, -1, '6', null])('case 45: a timer of %j is refused', (value) => {
  expect(refusals(written({ timer: { unit: 'hours', value } }))).toEqual({
    'timer.value': expect.stringContaining(`found ${JSON.stringify(value)}; allowed: a number`),
  });
});

test('an interval under a second or over a year is refused', () => {
  for (const timer of [
    { unit: 'seconds', value: 0.5 },
    { unit: 'days', value: 400 },
  ]) {
    expect(refusals(written({ timer }))).toEqual({
      'timer.value': expect.stringContaining('1 second to 366 days'),
    });
  }
});

test('a part of a unit is an interval too', () => {
  expect(accepted({ timer: { unit: 'hours', value: 1.5 } }).timer).toEqual({
    kind: 'interval',
    everyMs: 5_400_000,
  });
});

test('a cron pattern is read in UTC where no zone is named', () => {
  expect(accepted({ timer: { cron: '*/5 * * * *' } }).timer).toEqual({
    kind: 'cron',
    pattern: '*/5 * * * *',
    timezone: 'UTC',
  });
});

test.each(['', 'soon', '61 * * * *', '* * * *', '0 0 30 2 *'])('the cron pattern %j is refused', (cron) => {
  expect(refusals(written({ timer: { cron } }))).toEqual({
    'timer.cron': expect.stringContaining('cron pattern'),
  });
});

test('an unknown time zone, an unknown unit and a missing value are refused by name', () => {
  expect(refusals(written({ timer: { cron: '0 0 * * *', timezone: 'Mars' } }))).toHaveProperty([
    'timer.timezone',
  ]);
  expect(refusals(written({ timer: { unit: 'hour', value: 1 } }))).toEqual({
    'timer.unit': expect.stringContaining('did you mean "hours"?'),
  });
  expect(refusals(written({ timer: { unit: 'hours' } }))).toEqual({
    'timer.value': 'is missing; allowed: a number',
  });
});
