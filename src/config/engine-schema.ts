import * as z from 'zod';
import { WORKSPACE_RULE, workspaceHost } from './databricks.ts';
import { parseRemote, REMOTE_RULE } from './remote.ts';
import { rule } from './rule.ts';
import type { Written } from './written.ts';

const computeId = z.string().regex(/^[\w-]+$/, rule('the id that Databricks shows for it'));

/** What computes the layers. */
export const engineSchema: z.ZodType<Written['engine']> = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('duckdb').meta({ description: 'DuckDB, in this process, for everything.' }),
      })
      .meta({ title: 'duckdb' }),
    z
      .strictObject({
        type: z.literal('spark').meta({
          description:
            'Apache Spark with Delta Lake, through Spark Connect, for the layers and for Parquet files of a bucket.',
        }),
        remote: z
          .string()
          .refine((text) => parseRemote(text) !== undefined && !/;token=/i.test(text), rule(REMOTE_RULE))
          .optional()
          .meta({
            description:
              'The address of the Connect server: `sc://host:15002`. A token stands in `SPARK_REMOTE` alone, which goes before it: `sc://host:15002/;token=…`.',
          }),
      })
      .meta({ title: 'spark' }),
    z
      .strictObject({
        type: z.literal('databricks').meta({
          description:
            'A SQL warehouse of Databricks, for the layers, or a cluster, for the same as `spark`.',
        }),
        host: z
          .string()
          .refine((text) => workspaceHost(text) !== undefined, rule(WORKSPACE_RULE))
          .optional()
          .meta({
            description: `The workspace. \`DATABRICKS_HOST\` goes before it. Credentials stand in the environment alone: \`DATABRICKS_TOKEN\`, or \`DATABRICKS_CLIENT_ID\` and \`DATABRICKS_CLIENT_SECRET\` of a service principal.`,
          }),
        warehouse_id: computeId
          .optional()
          .meta({ description: 'A SQL warehouse, through the Statement Execution API.' }),
        cluster_id: computeId.optional().meta({ description: 'A cluster, through Spark Connect.' }),
      })
      .refine(
        (engine) => (engine.warehouse_id === undefined) !== (engine.cluster_id === undefined),
        rule('either a "warehouse_id" or a "cluster_id"'),
      )
      .meta({ title: 'databricks' }),
  ])
  .optional()
  .meta({
    description:
      'What computes the layers; see [Engines](engines.md). Default: DuckDB. `run --engine` goes before it.',
  });
