import { cut, widthOf } from './render/layout.ts';

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
  #turning: NodeJS.Timeout | undefined;
  #turns = 0;

  constructor(stream: ScreenStream) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  /** Replaces the last line; without a text, removes it. A sign turns before what is busy, so that it is seen to live. */
  status(text = '', { isBusy = false }: { readonly isBusy?: boolean } = {}): void {
    if (!this.isTerminal) return;
    this.#turn(isBusy && text !== '');
    if (text === this.#status) return;
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

  #turn(isBusy: boolean): void {
    if (isBusy === (this.#turning !== undefined)) return;
    clearInterval(this.#turning);
    this.#turning = undefined;
    if (!isBusy) return;
    this.#turning = setInterval(() => {
      this.#turns += 1;
      this.#clear();
      this.#draw();
    }, TURN_MS).unref();
  }

  #clear(): void {
    if (this.#status === '') return;
    this.#stream.write(`\r${CLEAR_LINE}`);
  }

  #draw(): void {
    if (this.#status === '') return;
    const sign = this.#turning === undefined ? '' : `${SIGNS[this.#turns % SIGNS.length] ?? ''} `;
    // A line that wraps could not be cleared.
    const width = Math.max(1, (this.#stream.columns ?? 80) - 1);
    const text = sign + this.#status;
    this.#stream.write(widthOf(text) <= width ? text : cut(text, width));
  }
}

const TURN_MS = 120;
const SIGNS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
