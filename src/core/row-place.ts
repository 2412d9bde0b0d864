/** The columns that tell the rows of a table that only ever grows from one another: the file, and the row in it. */
export const FILE_COLUMN = '_file';
export const ROW_COLUMN = '_row';

export const ROW_PLACE: readonly string[] = [FILE_COLUMN, ROW_COLUMN];
