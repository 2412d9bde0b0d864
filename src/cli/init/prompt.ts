import { type CANCEL_SYMBOL, confirm, isCancel, multiselect, select, text } from '@clack/prompts';
import { IgarapeError } from '../../core/errors.ts';

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
  /** `check` gives what is wrong with an answer, or undefined. */
  text(question: {
    message: string;
    initial: string;
    check?: (answer: string) => string | undefined;
  }): Promise<string>;
  confirm(question: { message: string; initial: boolean }): Promise<boolean>;
}

/** Questions on the terminal. */
export const terminalPrompt: Prompt = {
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
    const chosen = choices[answered(await select({ message, options, initialValue: first }))];
    if (chosen === undefined) throw new RangeError('A choice was made that was not given');
    return chosen.value;
  },
  async selectMany({ message, choices, initial }) {
    return answered(await multiselect({ message, options: [...choices], initialValues: [...initial] }));
  },
  async text({ message, initial, check }) {
    const validate = (answer: string | undefined): string | undefined => check?.(answer ?? '');
    return answered(await text({ message, initialValue: initial, validate }));
  },
  async confirm({ message, initial }) {
    return answered(await confirm({ message, initialValue: initial }));
  },
};

function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (!isCancel(answer)) return answer;
  throw new IgarapeError('USAGE', 'Stopped: nothing was written', {
    hint: 'Run `igarape init` again, or `igarape init --yes` for defaults.',
  });
}
