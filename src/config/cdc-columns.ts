/** The names of the columns that change files add, where `cdc_columns` gives no others. */
export const CDC_COLUMNS = {
  operation: '_cdc_operation',
  timestamp: '_cdc_timestamp',
  sequence: '_cdc_sequence',
} as const;
