/** The medallion's layers, in the order of the stream; seeds are files beside the models that become tables. */
export const LAYERS = ['seed', 'bronze', 'silver', 'gold'] as const;

export type Layer = (typeof LAYERS)[number];

/** A table of a layer. */
export interface LayerTable {
  readonly layer: Layer;
  readonly name: string;
}

/** What users call a table: `silver.clientes`. */
export function fullName({ layer, name }: LayerTable): string {
  return `${layer}.${name}`;
}

/** True where two names mean one table: letters' case does not count. */
export function sameTable(left: LayerTable, right: LayerTable): boolean {
  return fullName(left).toLowerCase() === fullName(right).toLowerCase();
}

/** The folder of a table in the lake, with a `/` at its end. */
export function tableFolder({ layer, name }: LayerTable): string {
  return `${layer}/${name}/`;
}

/** The table that a user names; undefined for any other text. */
export function parseFullName(text: string): LayerTable | undefined {
  const match = /^(seed|bronze|silver|gold)\.(.+)$/i.exec(text);
  const layer = LAYERS.find((each) => each === match?.[1]?.toLowerCase());
  const name = match?.[2];
  return layer === undefined || name === undefined ? undefined : { layer, name };
}
