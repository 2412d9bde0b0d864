import { closest, didYouMean } from '../../config/closest.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Told } from '../../core/language/sentence.ts';
import type { TableName } from '../../lake/query/names.ts';
import type { OtherTables, PastVersion } from '../../lake/query/other-tables.ts';
import { fullName, LAYERS, type LayerTable, sameTable } from '../layer.ts';
import { layerTablesIn } from '../layer-names.ts';
import type { LayerTables } from '../layer-tables.ts';
import { SourceViews } from '../source-views.ts';

/** The layers' tables as queries read them, with all their columns. */
export class QueriedLayers implements OtherTables {
  readonly #tables: LayerTables;
  readonly #views: SourceViews;

  constructor(tables: LayerTables) {
    this.#tables = tables;
    this.#views = new SourceViews(tables);
  }

  owns(schema: string): boolean {
    return LAYERS.some((layer) => layer === schema);
  }

  async open(name: TableName, at?: PastVersion, schema?: string): Promise<void> {
    const table = await this.#find(name);
    try {
      await this.#views.open(table, {
        ...(at === undefined ? {} : { at }),
        ...(schema === undefined ? {} : { schema }),
      });
    } catch (error) {
      if (!(error instanceof IgarapeError && error.code === 'DELTA_VERSION')) throw error;
      throw await this.#unknownVersion(table, at, error);
    }
  }

  async names(): Promise<readonly string[]> {
    return (await layerTablesIn(this.#tables.edge.storage)).map(fullName);
  }

  /** The table that is spelled so, else one that is alike but for the letters' case. */
  async #find({ schema, spelled }: TableName): Promise<LayerTable> {
    const layer = LAYERS.find((each) => each === schema) ?? 'bronze';
    const exact = { layer, name: spelled };
    if ((await this.#tables.find(exact)) !== undefined) return exact;
    const known = await layerTablesIn(this.#tables.edge.storage);
    const alike = known.find((each) => sameTable(each, exact));
    if (alike !== undefined) return alike;
    const names = known.map(fullName);
    throw new IgarapeError('USAGE', `The lake has no table ${layer}.${spelled}.`, {
      hint:
        names.length === 0
          ? 'Its layers have no tables yet: igarape run makes them, where the configuration names layers.'
          : didYouMean(closest(fullName(exact), names), `Its layers have: ${names.join(', ')}.`),
    });
  }

  async #unknownVersion(table: LayerTable, at: PastVersion | undefined, cause: IgarapeError): Promise<Error> {
    const { version } = await (await this.#tables.require(table)).snapshot();
    const name = fullName(table);
    const says: Told =
      at instanceof Date
        ? `${name} has no version as old as ${at.toISOString()}.`
        : `${name} has no version ${at}.`;
    return new IgarapeError('USAGE', says, {
      hint: `Its newest is version ${version}; igarape delta history ${name} tells all of them with their times.`,
      cause,
    });
  }
}
