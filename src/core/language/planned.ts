/** What would become of a table of the layers, by what a plan calls it. */
export const PLANNED = {
  create: 'created',
  update: 'updated',
  rebuild: 'rebuilt',
  unchanged: 'unchanged',
  skipped: 'skipped',
  failed: 'failed',
  held: 'held',
} as const;
