import { canonicalNumber } from './cell-file.ts';

/** What a number format makes of a number. */
export type NumberKind = 'number' | 'date' | 'time' | 'instant';

const DAY_MS = 86_400_000;
/** Excel's day 0, and of workbooks that count from 1904. */
const EPOCH_1900 = Date.UTC(1899, 11, 30);
const EPOCH_1904 = Date.UTC(1904, 0, 1);
/** 1900-02-29, which there was not: days before it are one further. */
const PHANTOM_DAY = 60;
const LAST_DAY = 2_958_466;

/** The kind of a number format by its id, or by its code where the workbook has one of its own. */
export function kindOfFormat(id: number, code: string | undefined): NumberKind {
  if (code === undefined) {
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58))
      return 'date';
    if (id === 22) return 'instant';
    return (id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id === 45 || id === 47 ? 'time' : 'number';
  }
  const [first = ''] = code.split(';');
  // Elapsed time is a number of days, and no time of day.
  if (/\[(?:h+|m+|s+)\]/i.test(first)) return 'number';
  const signs = first.replaceAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general/gi, '').toLowerCase();
  const hasTime = /[hs]|am\/pm/.test(signs);
  const hasDate = /[yd]/.test(signs) || (/m/.test(signs) && !hasTime);
  if (!hasDate) return hasTime ? 'time' : 'number';
  return hasTime ? 'instant' : 'date';
}

/** The cell of a number as a workbook stores it: the shortest text of its double, or the date that it is shown as. */
export function numberCell(written: string, kind: NumberKind, is1904: boolean): string {
  const value = Number(written);
  if (written.trim() === '' || !Number.isFinite(value)) return `s${written}`;
  if (kind === 'number' || value < 0 || value >= LAST_DAY) return canonicalNumber(String(value));
  if (kind === 'time' && value < 1) return `s${isoOf(value, true).slice(11)}`;
  if (!is1904 && (value < 1 || Math.floor(value) === PHANTOM_DAY)) return canonicalNumber(String(value));
  const iso = isoOf(value, is1904);
  return `s${kind === 'date' && iso.endsWith(' 00:00:00') ? iso.slice(0, 10) : iso}`;
}

function isoOf(days: number, is1904: boolean): string {
  const shift = is1904 || days >= PHANTOM_DAY ? 0 : 1;
  const ms = (is1904 ? EPOCH_1904 : EPOCH_1900) + Math.round((days + shift) * DAY_MS);
  const iso = new Date(ms).toISOString().slice(0, -1).replace('T', ' ');
  return iso.endsWith('.000') ? iso.slice(0, -4) : iso;
}
