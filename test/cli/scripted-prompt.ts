import type { Prompt } from '../../src/cli/init/prompt.ts';

/** Answers questions from a list, in order; null takes what the question proposes. Keeps what was asked. */
export class ScriptedPrompt implements Prompt {
  readonly asked: string[] = [];
  readonly #answers: (string | readonly string[] | boolean | null)[];

  constructor(answers: readonly (string | readonly string[] | boolean | null)[]) {
    this.#answers = [...answers];
  }

  get left(): number {
    return this.#answers.length;
  }

  select: Prompt['select'] = async ({ message, choices, initial }) => {
    const answer = this.#next(message) ?? initial ?? choices[0]?.value;
    const choice = choices.find(({ value }) => value === answer);
    if (choice === undefined) throw new Error(`${message}: no choice ${String(answer)}`);
    return Promise.resolve(choice.value);
  };

  selectMany: Prompt['selectMany'] = async ({ message, initial }) => {
    const answer = this.#next(message) ?? initial;
    if (!Array.isArray(answer)) throw new Error(`${message}: a list is asked for`);
    return Promise.resolve(answer.map(String));
  };

  text: Prompt['text'] = async ({ message, initial, check }) => {
    const answer = this.#next(message) ?? initial;
    const wrong = check?.(String(answer));
    if (wrong !== undefined) throw new Error(`${message}: ${wrong}`);
    return Promise.resolve(String(answer));
  };

  confirm: Prompt['confirm'] = async ({ message, initial }) => {
    return Promise.resolve((this.#next(message) ?? initial) === true);
  };

  tell: Prompt['tell'] = (message) => void this.asked.push(message);

  #next(message: string): string | readonly string[] | boolean | null {
    this.asked.push(message);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error(`nobody answers: ${message}`);
    return answer;
  }
}
