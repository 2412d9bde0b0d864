import { createRequire } from 'node:module';
import type * as NodeApi from '@duckdb/node-api';

/**
 * DuckDB's Node API. It is CommonJS: required, it loads in less than half of the time that `import` takes to find out
 * the names that its files export, which every start of the program would pay.
 */
export const duckdb: typeof NodeApi = createRequire(import.meta.url)('@duckdb/node-api');
