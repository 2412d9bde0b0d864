/** Numbers that look drawn, the same in every run. */
function numbers(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

/** A number below another. */
export const below: (most: number) => number = numbers(20261128);
const maybe = (value: string, one = 8): string => (below(one) === 0 ? 'NULL' : value);
const pick = (...values: readonly string[]): string => `'${values[below(values.length)] ?? ''}'`;
const time = (): string => `TIMESTAMP '2024-01-01' + INTERVAL ${below(300 * 24)} HOUR`;
const money = (): string => `${below(90)}.${below(90) + 10}`;

/** Values of a row of a table of the corpus, by the row's number. */
export const ROWS: Readonly<Record<string, (id: number) => string>> = {
  clients: (id) =>
    `${id}, 'n${below(5)}', ${maybe(pick('a@x', 'A@x ', 'b@x'))}, ${maybe(pick('c', 'd'))}, ${maybe(pick('SP', 'RJ', 'BA'))}, DATE '2024-01-01' + ${below(90)}, ${maybe(String(below(12)), 3)}`,
  orders: (id) =>
    `${id}, ${maybe(String(below(12)))}, ${maybe(pick('done', 'canceled', 'lost'))}, ${maybe(time())}, ${maybe(time(), 3)}, ${maybe(pick('web', 'app'))}`,
  items: (id) =>
    `${id}, ${maybe(String(below(30)))}, ${maybe(String(below(8)))}, ${maybe(String(below(5)))}, ${money()}`,
  products: (id) =>
    `${id}, 'p${below(4)}', ${maybe(pick('x', 'y'))}, ${money()}, ${maybe(`[${pick('a', 'b')}, ${pick('b', 'c')}]`)}`,
  payments: (id) => `${id}, ${maybe(String(below(30)))}, ${maybe(pick('card', 'pix', 'cash'))}, ${money()}`,
  reviews: (id) => `${id}, ${maybe(String(below(30)))}, ${maybe(String(below(6)))}, ${time()}`,
  events: (id) =>
    `${id}, ${maybe(String(below(12)))}, ${pick('view', 'cart', 'buy')}, ${time()}, ${pick('home', 'cart')}`,
  prices: (id) =>
    `${id % 8}, TIMESTAMP '2024-01-01' + INTERVAL ${Math.floor(id / 8) * 30} DAY, TIMESTAMP '2024-01-01' + INTERVAL ${Math.floor(id / 8) * 30 + 30} DAY, ${money()}`,
  calendar: (id) => `DATE '2024-01-01' + ${id}, ${below(2) === 0}`,
};
/** How many rows a table has at most. */
export const MANY: Readonly<Record<string, number>> = {
  clients: 12,
  orders: 30,
  items: 60,
  products: 8,
  payments: 40,
  reviews: 20,
  events: 60,
  prices: 40,
  calendar: 300,
};
