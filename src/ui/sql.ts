import type { Edge } from '../pipeline/context.ts';
import { withQuery } from '../pipeline/query.ts';
import type { ExploredProject } from '../explore/reader.ts';
import type { SqlAnswer } from './api.ts';

const MOST_ROWS = 10_000;

/**
 * One SELECT of the page's user, as `igarape query` asks it: at most ten thousand rows.
 *
 * @throws IgarapeError TIME_LIMIT, MEMORY_LIMIT, USAGE
 */
export async function askSql(project: ExploredProject, sql: string, edge: Edge): Promise<SqlAnswer> {
  return withQuery(project, sql, edge, async (query) => {
    const { columns, rows, truncated } = await query.rows(MOST_ROWS);
    const texts = rows.map((row) => row.map((value) => (value === null ? null : String(value))));
    return { columns, rows: texts, truncated };
  });
}
