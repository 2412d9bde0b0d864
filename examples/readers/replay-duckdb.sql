-- DuckDB: the latest state of clientes, from its full-load and its change files. Flat layout; nested: '/lake/cdc/clientes/*.parquet'.
CREATE OR REPLACE VIEW clientes AS
WITH last_changes AS (
  FROM read_parquet('/lake/cdc/clientes_[0-9]*.parquet', union_by_name = true)
  QUALIFY row_number() OVER (PARTITION BY idCliente ORDER BY _cdc_sequence DESC) = 1
)
FROM '/lake/full-load/clientes.parquet' ANTI JOIN last_changes USING (idCliente)
UNION ALL BY NAME
SELECT * EXCLUDE (_cdc_operation, _cdc_timestamp, _cdc_sequence)
FROM last_changes
WHERE _cdc_operation <> 'D';
