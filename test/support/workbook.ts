import { posix } from 'node:path';
import { zipOf } from './archives.ts';

export interface WorkbookParts {
  /** Sheets by name: the XML of their rows. */
  readonly sheets: readonly (readonly [name: string, rows: string])[];
  readonly shared?: readonly string[];
  /** Number formats of the cell styles, by their index. */
  readonly formats?: readonly string[];
  readonly date1904?: boolean;
  /** What its parts are called where that is not usual: the workbook in the file, the others as it refers to them. */
  readonly parts?: {
    readonly workbook: string;
    readonly sheet: string;
    readonly styles: string;
    readonly texts: string;
  };
  readonly more?: Readonly<Record<string, string>>;
}

const RELATIONSHIPS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook, part by part, as programs other than Excel write it too. */
export async function workbookOf({
  sheets,
  shared,
  formats = [],
  date1904,
  parts: names,
  more,
}: WorkbookParts): Promise<Buffer> {
  const list = sheets.map(
    ([name], index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="r${index}"/>`,
  );
  const relations = sheets.map(
    (_, index) =>
      `<Relationship Id="r${index}" Type="${RELATIONSHIPS}/worksheet" Target="${names?.sheet ?? `worksheets/s${index}.xml`}"/>`,
  );
  const {
    workbook = 'xl/workbook.xml',
    styles: stylesName = 'styles.xml',
    texts = 'sharedStrings.xml',
  } = names ?? {};
  const others = [
    ['styles', stylesName],
    ['sharedStrings', texts],
  ].map(
    ([kind, target]) => `<Relationship Id="${kind}" Type="${RELATIONSHIPS}/${kind}" Target="${target}"/>`,
  );
  const partOf = (target: string): string =>
    posix.join(target.startsWith('/') ? '' : 'xl', target).replace(/^\//, '');
  const codes = formats.map((code, index) => `<numFmt numFmtId="${200 + index}" formatCode="${code}"/>`);
  const styles = formats.map((_, index) => `<xf numFmtId="${200 + index}"/>`);
  const parts: [string, string][] = sheets.map(([, rows], index) => [
    partOf(names?.sheet ?? `worksheets/s${index}.xml`),
    `<?xml version="1.0"?><worksheet><dimension ref="A1:XFD1048576"/><sheetData>${rows}</sheetData></worksheet>`,
  ]);
  return zipOf({
    '[Content_Types].xml': '<Types/>',
    '_rels/.rels': `<Relationships><Relationship Id="r" Type="${RELATIONSHIPS}/officeDocument" Target="${workbook}"/></Relationships>`,
    [workbook]: `<workbook xmlns:r="${RELATIONSHIPS}"><workbookPr date1904="${date1904 === true ? 1 : 0}"/><sheets>${list.join('')}</sheets></workbook>`,
    [`xl/_rels/${posix.basename(workbook)}.rels`]: `<Relationships>${[...relations, ...others].join('')}</Relationships>`,
    [partOf(stylesName)]:
      `<styleSheet><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs></styleSheet>`,
    ...(shared === undefined
      ? {}
      : { [partOf(texts)]: `<sst>${shared.map((text) => `<si>${text}</si>`).join('')}</sst>` }),
    ...Object.fromEntries(parts),
    ...more,
  });
}
