/**
 * The members of records as one that inherits nothing: under a name that none of them has, such as `constructor`, it
 * holds undefined. For records by names that users give, which are looked up where they may be absent.
 */
export function bareRecord<T>(...records: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  const bare: Record<string, T> = {};
  Object.setPrototypeOf(bare, null);
  return Object.assign(bare, ...records);
}
