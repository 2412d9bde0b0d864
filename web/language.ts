import { PAGE } from '../src/core/language/pt-br/page.ts';
import { STATES, WORDS } from '../src/core/language/pt-br/words.ts';
import { type Catalogue, type Translate, translation } from '../src/core/language/translation.ts';
import { teller } from './ago.ts';
import { legible } from './legible.ts';
import { type Messages, messages } from './messages.ts';

export type Language = 'en' | 'pt-BR';

const KEPT = 'igarape.language';

/** The language that was chosen, else the browser's. */
export function firstLanguage(): Language {
  const kept = read(KEPT);
  if (kept === 'en' || kept === 'pt-BR') return kept;
  return navigator.language.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en';
}

/** The texts, numbers and times of one language. */
export interface Speech {
  readonly language: Language;
  readonly t: Messages;
  /** What a report or an error says, as far as it is known. */
  readonly told: Translate;
  readonly count: (value: number) => string;
  readonly short: (value: number) => string;
  readonly percent: (share: number) => string;
  /** `+12.5%`, `-3%` */
  readonly growth: (share: number) => string;
  readonly size: (bytes: number) => string;
  readonly day: (iso: string) => string;
  /** A day with its year. */
  readonly date: (iso: string) => string;
  readonly year: (iso: string) => string;
  readonly hour: (iso: string) => string;
  readonly time: (iso: string) => string;
  readonly ago: (iso: string) => string;
  readonly duration: (ms: number) => string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const asItIs: Translate = (english) => english;

function asItIsAnd(want: () => void): Translate {
  return (english) => {
    if (english !== '') want();
    return english;
  };
}

/** @param known Sentences of reports and errors, as `/api/told` has them; or what to call once one is to be said. */
export function speak(language: Language, known: Catalogue | (() => void) = {}): Speech {
  const isEnglish = language === 'en';
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const growth = new Intl.NumberFormat(language, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  });
  const day = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' });
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const year = new Intl.DateTimeFormat(language, { year: 'numeric', timeZone: 'UTC' });
  const hour = new Intl.DateTimeFormat(language, { timeStyle: 'medium', timeZone: 'UTC' });
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  const unit = (of: 'second' | 'minute', digits: number): Intl.NumberFormat =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: of,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    });
  const ago = teller(language);
  const translate = isEnglish ? asItIs : typeof known === 'function' ? asItIsAnd(known) : translation(known);
  return {
    language,
    t: isEnglish
      ? messages(asItIs, asItIs)
      : messages(translation({ ...WORDS, ...PAGE }), translation(STATES)),
    told: (english) => legible(translate(english)),
    count: (value) => number.format(value),
    short: (value) => short.format(value),
    percent: (share) => percent.format(share),
    growth: (share) => growth.format(share),
    size: (bytes) => {
      const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
      return new Intl.NumberFormat(language, {
        style: 'unit',
        unit: UNITS[power] ?? 'byte',
        unitDisplay: 'short',
        maximumFractionDigits: power === 0 ? 0 : 1,
      }).format(bytes / 1000 ** power);
    },
    day: (iso) => day.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    year: (iso) => year.format(new Date(iso)),
    hour: (iso) => hour.format(new Date(iso)),
    time: (iso) => `${time.format(new Date(iso))} UTC`,
    ago: (iso) => ago(Date.parse(iso) - Date.now()),
    duration: (ms) =>
      ms < 60_000
        ? unit('second', ms < 10_000 ? 1 : 0).format(ms / 1000)
        : unit('minute', ms < 600_000 ? 1 : 0).format(ms / 60_000),
  };
}

export function keepLanguage(language: Language): void {
  write(KEPT, language);
}

/** Where the browser keeps nothing for this page, nothing is kept. */
export function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It is a convenience.
  }
}
