/** Rows of a silver table `t`: a SELECT. */
export const FORMS_OF = `SELECT i AS id, DATE '2024-01-20' + CAST(i % 30 AS INTEGER) AS d, i % 3 AS share FROM range(60) AS r(i)`;

const OF_DATE = 'SELECT count(*) AS n FROM silver.t WHERE d = $dt_ref';

/** A model, and what its table is partitioned by, where that does not depend on what it was before. */
export type Form = readonly [sql: string, partitionColumns: readonly string[] | undefined];

/** What a model of `t` may be. */
export const FORMS: readonly Form[] = [
  ['-- key: share\nSELECT share, count(*) AS n FROM silver.t GROUP BY share', []],
  ['-- key: dt_ref\nSELECT d AS dt_ref, count(*) AS n FROM silver.t GROUP BY d', undefined],
  ['-- key: dt_ref\nSELECT CAST(share AS VARCHAR) AS dt_ref, count(*) AS n FROM silver.t GROUP BY share', []],
  ['-- key: n\nSELECT CASE WHEN id > 3 THEN d END AS dt_ref, id AS n FROM silver.t', undefined],
  [`-- dt_ref: t.d\n${OF_DATE}`, []],
  [`-- dt_ref: t.d\n-- partition: month\n${OF_DATE}`, ['dt_ref_month']],
  [`-- dt_ref: t.d\n-- partition: date\n${OF_DATE}`, ['dt_ref']],
  [
    `-- dt_ref: t.d\n-- key: share\nSELECT share, count(*) AS n FROM silver.t WHERE d <= $dt_ref GROUP BY share`,
    [],
  ],
];
