/** The files of a source, by name. */
export type Files = Readonly<Record<string, string>>;

/** A lake's past, the run that is disturbed, and a run after it. */
export interface Story {
  readonly name: string;
  /** The source's states that undisturbed runs take in first. */
  readonly past: readonly Files[];
  readonly disturbed: Files;
  readonly next: Files;
}

export const TABLES = [
  { name: 'clients', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1 },
  { name: 'orders', pk: ['id', 'line'], max_delete_ratio: 1, max_update_ratio: 1 },
];

function clients(state: number, rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${row + state},name ${row % 7 === 0 ? state : 'of old'}\n`,
  );
  return `id,name\n${lines.join('')}`;
}

function orders(state: number, rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${row},${state % 2},${row % 5 === 0 ? state : 0}.5\n`,
  );
  return `id,line,price\n${lines.join('')}`;
}

/** Each state has inserts, updates and deletes against the one before. */
function state(number: number, rows = 40): Files {
  return { 'clients.csv': clients(number, rows), 'orders.csv': orders(number, rows) };
}

export const STORIES: readonly Story[] = [
  { name: 'a first run', past: [], disturbed: state(1), next: state(2) },
  { name: 'a run with changes', past: [state(1)], disturbed: state(2), next: state(3) },
  {
    name: 'a run that writes a base anew',
    past: [state(1, 60), { 'clients.csv': clients(2, 60) }],
    disturbed: state(5, 60),
    next: state(6, 60),
  },
];
