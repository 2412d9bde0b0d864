/** What files write for no value. */
export const NO_VALUES: ReadonlySet<string> = new Set([
  'NA',
  'N/A',
  'n/a',
  '#N/A',
  '<NA>',
  // What Excel and people write in Portuguese: não disponível.
  'N/D',
  'n/d',
  'N.D.',
  '#N/D',
  'NULL',
  'null',
  'NaN',
  'nan',
  'None',
  String.raw`\N`,
  '(null)',
  '-',
  '--',
  '...',
  '?',
]);
