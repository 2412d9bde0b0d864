import { expect, test } from 'vitest';
import { teller } from '../../web/ago.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

test.each([
  [20_000, 'now', 'agora'],
  [40_000, '1 minute ago', 'há 1 minuto'],
  [90 * MINUTE, '90 minutes ago', 'há 90 minutos'],
  [35 * HOUR, '35 hours ago', 'há 35 horas'],
  [40 * DAY, '40 days ago', 'há 40 dias'],
  [20 * 30.4375 * DAY, '20 months ago', 'há 20 meses'],
  [2.2 * 365.25 * DAY, '2 years ago', 'há 2 anos'],
])('what was %d milliseconds ago was %s', (ms, english, portuguese) => {
  expect([teller('en')(-ms), teller('pt-BR')(-ms)]).toEqual([english, portuguese]);
});

test('a time is told in a number that is no more than a quarter off', () => {
  const lengths = { minutes: MINUTE, hours: HOUR, days: DAY, months: 30.4375 * DAY, years: 365.25 * DAY };
  for (let ms = 2 * MINUTE; ms < 20 * lengths.years; ms *= 1.07) {
    const [, number = '', unit = ''] = /^in (\d+) (\w+)$/.exec(teller('en')(ms)) ?? [];
    const told = Number(number) * (new Map(Object.entries(lengths)).get(unit) ?? 0);
    expect([ms, Math.abs(told - ms) / ms <= 0.25]).toEqual([ms, true]);
  }
});
