import type { SourceConfig } from '../../config/config.ts';
import type { Schema } from '../../core/schema.ts';
import { sqlType } from '../../core/schema.ts';
import type { RunEnd } from './notice.ts';

const SPEC = 'https://openlineage.io/spec';

export interface LineageJob {
  readonly namespace: string;
  /** Who tells it: a URI. */
  readonly producer: string;
}

export type LineageState = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** The event of OpenLineage (2-0-2) that a run has begun. */
export function startEvent(
  job: LineageJob,
  { id, startedMs, lake }: Pick<RunEnd, 'id' | 'startedMs' | 'lake'>,
): object {
  return event(job, 'START', { id, atMs: startedMs, lake }, { inputs: [], outputs: [], facets: {} });
}

/** The event that a run has ended, with what it read and published. */
export function endEvent(
  job: LineageJob,
  end: RunEnd,
  schemas: Readonly<Record<string, Schema>>,
  from: SourceConfig | undefined,
): object {
  const { report, error } = end;
  const tables = Object.entries(report?.tables ?? {}).filter(([, { operation }]) => operation !== 'failed');
  const layers = Object.entries(report?.layers ?? {}).filter(([, { operation }]) => operation !== 'failed');
  const source = report?.source?.id;
  const place = source === undefined ? undefined : placeOf(source, from);
  const facets =
    error === null
      ? {}
      : {
          errorMessage: {
            ...facet(job, '1-0-1/ErrorMessageRunFacet'),
            message: error.message,
            programmingLanguage: 'TypeScript',
          },
        };
  return event(
    job,
    stateOf(end),
    { id: end.id, atMs: end.endedMs, lake: end.lake },
    {
      inputs:
        place === undefined
          ? []
          : tables.map(([name]) => ({ ...dataset(place, name), ...schemaFacet(job, schemas[name]) })),
      outputs: [
        ...tables.map(([name, table]) => ({
          ...dataset(end.lake, name),
          ...schemaFacet(job, schemas[name]),
          outputFacets: {
            outputStatistics: {
              ...facet(job, '1-0-2/OutputStatisticsOutputDatasetFacet'),
              rowCount: table.inserted + table.updated + table.deleted,
              size: table.bytes,
            },
          },
        })),
        ...layers.map(([name]) => dataset(end.lake, name.replace('.', '/'))),
      ],
      facets,
    },
  );
}

function stateOf({ isStopped, exitCode }: RunEnd): LineageState {
  if (isStopped) return 'ABORT';
  return exitCode === 0 || exitCode === 4 ? 'COMPLETE' : 'FAIL';
}

function event(
  { namespace, producer }: LineageJob,
  eventType: LineageState,
  { id, atMs, lake }: { readonly id: string; readonly atMs: number; readonly lake: string },
  {
    inputs,
    outputs,
    facets,
  }: { readonly inputs: object[]; readonly outputs: object[]; readonly facets: object },
): object {
  return {
    eventType,
    eventTime: new Date(atMs).toISOString(),
    run: { runId: id, facets },
    job: { namespace, name: `run.${dataset(lake, '').name.replace(/\/$/, '')}` },
    inputs,
    outputs,
    producer,
    schemaURL: `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  };
}

/** Where a source is, as its tables' names begin: an absolute path, or a URL. */
function placeOf(id: string, from: SourceConfig | undefined): string {
  return from?.type === 'files' ? from.path : id.replace(/^kaggle:/, 'https://www.kaggle.com/datasets/');
}

/** A table of a source or of the lake by the naming rules of OpenLineage. */
function dataset(place: string, name: string): { namespace: string; name: string } {
  const [, host, path = ''] = /^([a-z0-9]+:\/\/[^/?#]+)\/?(.*)$/i.exec(place) ?? [];
  if (host === undefined) return { namespace: 'file', name: `${place}/${name}` };
  return { namespace: host, name: path === '' ? name : `${path}/${name}` };
}

function schemaFacet(job: LineageJob, schema: Schema | undefined): { facets?: object } {
  if (schema === undefined) return {};
  const fields = schema.map(({ name, type }) => ({ name, type: sqlType(type) }));
  return { facets: { schema: { ...facet(job, '1-1-1/SchemaDatasetFacet'), fields } } };
}

function facet({ producer }: LineageJob, name: string): { _producer: string; _schemaURL: string } {
  return { _producer: producer, _schemaURL: `${SPEC}/facets/${name}.json#/$defs/${name.split('/')[1]}` };
}
