/** The engine's functions that stand as tables and read nothing but their arguments. */
export const PURE_TABLE_FUNCTIONS: readonly string[] = [
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'repeat_row',
  'unnest',
];

/** Those that read files. */
export const FILE_FUNCTIONS: readonly string[] = [
  'glob',
  'parquet_file_metadata',
  'parquet_full_metadata',
  'parquet_kv_metadata',
  'parquet_metadata',
  'parquet_scan',
  'parquet_schema',
  'read_blob',
  'read_csv',
  'read_csv_auto',
  'read_json',
  'read_json_auto',
  'read_json_objects',
  'read_json_objects_auto',
  'read_ndjson',
  'read_ndjson_auto',
  'read_ndjson_objects',
  'read_parquet',
  'read_text',
  'sniff_csv',
];

/** Functions of values that tell of the process, write to its logs, or keep it waiting. */
export const PROCESS_FUNCTIONS: readonly string[] = [
  'current_setting',
  'getenv',
  'getvariable',
  'pg_sleep',
  'sleep_ms',
  'write_log',
];

/** Those of which the engine says that their value does not follow from their arguments alone: to ask it takes long. */
export const UNSTABLE_FUNCTIONS: readonly string[] = [
  'current_connection_id',
  'current_database',
  'current_date',
  'current_query',
  'current_query_id',
  'current_schema',
  'current_schemas',
  'current_transaction_id',
  'currval',
  'error',
  'gen_random_uuid',
  'get_current_time',
  'get_current_timestamp',
  'in_search_path',
  'nextval',
  'now',
  'random',
  'setseed',
  'sleep_ms',
  'stats',
  'today',
  'transaction_timestamp',
  'txid_current',
  'uuid',
  'uuidv4',
  'uuidv7',
  'write_log',
];
