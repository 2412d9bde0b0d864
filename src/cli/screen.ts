import { stripVTControlCharacters } from 'node:util';

const CLEAR_LINE = '\u001b[2K';

/** The part of a terminal's stream that a screen needs. */
export interface ScreenStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): boolean;
}

/**
 * A terminal whose last line tells how far the work has come while lines are written above it. Off a terminal there is
 * no such line, and text is written as it comes.
 */
export class Screen {
  readonly isTerminal: boolean;
  readonly #stream: ScreenStream;
  #status = '';

  constructor(stream: ScreenStream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  /** Replaces the last line; without a text, removes it. */
  status(text = ''): void {
    if (!this.isTerminal || text === this.#status) return;
    this.#clear();
    this.#status = text;
    this.#draw();
  }

  /** Writes whole lines above the last one. */
  write(lines: string): void {
    this.#clear();
    this.#stream.write(lines);
    this.#draw();
  }

  #clear(): void {
    if (this.#status === '') return;
    this.#stream.write(`\r${CLEAR_LINE}`);
  }

  #draw(): void {
    if (this.#status === '') return;
    // A line that wraps could not be cleared.
    const width = Math.max(1, (this.#stream.columns ?? 80) - 1);
    const fits = stripVTControlCharacters(this.#status).length <= width;
    this.#stream.write(fits ? this.#status : stripVTControlCharacters(this.#status).slice(0, width));
  }
}
