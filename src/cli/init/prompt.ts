import { type CANCEL_SYMBOL, confirm, isCancel, log, multiselect, select, text } from '@clack/prompts';
import { IgarapeError } from '../../core/errors.ts';
import { say } from '../language.ts';
import type { Screen } from '../screen.ts';

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string;
}

/** Asks a person. A question that is not answered throws `USAGE`; nothing has been written then. */
export interface Prompt {
  select<T extends string>(question: {
    message: string;
    choices: readonly Choice<T>[];
    initial?: T;
  }): Promise<T>;
  selectMany(question: {
    message: string;
    choices: readonly Choice<string>[];
    initial: readonly string[];
  }): Promise<readonly string[]>;
  /** `initial` is what an empty answer means. `check` gives what is wrong with an answer, or undefined. */
  text(question: {
    message: string;
    initial: string;
    check?: (answer: string) => string | undefined;
  }): Promise<string>;
  confirm(question: { message: string; initial: boolean }): Promise<boolean>;
  /** Says something between questions. */
  tell(message: string): void;
}

/** Questions on the terminal. Between them the screen's last line tells that work is under way. */
export function terminalPrompt(screen: Pick<Screen, 'status'>): Prompt {
  async function answered<T>(ask: () => Promise<T | typeof CANCEL_SYMBOL>): Promise<T> {
    screen.status();
    const answer = await ask();
    if (isCancel(answer)) throw stopped();
    screen.status('…', { isBusy: true });
    return answer;
  }

  return {
    async select({ message, choices, initial }) {
      const options = choices.map(({ label, hint }, index) => ({
        value: index,
        label,
        ...(hint === undefined ? {} : { hint }),
      }));
      const first = Math.max(
        0,
        choices.findIndex(({ value }) => value === initial),
      );
      const question = {
        message: `${message} (${say('arrows, then Enter')})`,
        options,
        initialValue: first,
        showInstructions: false,
      };
      const chosen = choices[await answered(async () => select(question))];
      if (chosen === undefined) throw new RangeError('A choice was made that was not given');
      return chosen.value;
    },
    async selectMany({ message, choices, initial }) {
      const options = [...choices];
      const question = {
        message: `${message} (${say('space marks, Enter confirms')})`,
        options,
        initialValues: [...initial],
        required: false,
        showInstructions: false,
      };
      for (;;) {
        const chosen = await answered(async () => multiselect(question));
        if (chosen.length > 0) return chosen;
        this.tell(say('An answer is needed'));
      }
    },
    async text({ message, initial, check }) {
      const meant = (answer: string | undefined): string =>
        answer === undefined || answer === '' ? initial : answer;
      const validate = (answer: string | undefined): string | undefined => check?.(meant(answer));
      return meant(
        await answered(async () => text({ message, placeholder: initial, defaultValue: initial, validate })),
      );
    },
    async confirm({ message, initial }) {
      return answered(async () =>
        confirm({ message, initialValue: initial, active: say('yes'), inactive: say('no') }),
      );
    },
    tell(message) {
      screen.status();
      log.warn(message);
    },
  };
}

function stopped(): IgarapeError {
  return new IgarapeError('USAGE', 'Stopped: nothing was written', {
    hint: 'Run `igarape init` again, or `igarape init --yes` for defaults.',
  });
}
