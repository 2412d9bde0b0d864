/** Table properties, as a table's metadata has them. */
export type Configuration = Readonly<Record<string, string>>;

/** Whether a property is on. Spark takes any case. */
export function isOn(configuration: Configuration, name: string): boolean {
  return configuration[name]?.toLowerCase() === 'true';
}
