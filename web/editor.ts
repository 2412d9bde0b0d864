import {
  autocompletion,
  closeBrackets,
  type Completion,
  type CompletionSource,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { Compartment, type Extension, type Transaction } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface Editor {
  text(): string;
  /** Tables, with their columns, that are completed from now on; what is written stays. */
  complete(tables: readonly KnownTable[]): void;
  close(): void;
}

export interface KnownTable {
  /** As SQL names it. */
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    /** As SQL has it, and as it is shown. */
    readonly label: string;
    readonly displayLabel: string;
  }[];
}

/** What the page loads once an editor is wanted. It shares no module with the page, which a report has in one file. */
export interface EditorModule {
  readonly openEditor: typeof openEditor;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--u)' },
  { tag: tags.number, color: 'var(--full)' },
  { tag: tags.comment, color: 'var(--dim)' },
]);

const LOOK = EditorView.theme({
  '&': { backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '13px' },
  '.cm-content, .cm-gutter': { minHeight: '130px' },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
  '.cm-gutters': { backgroundColor: 'var(--sunk)', color: 'var(--dim)', border: '0' },
  '.cm-content': { caretColor: 'var(--text)', fontFamily: 'ui-monospace, Menlo, monospace' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line)' },
});

/**
 * What is typed over a selection goes into the document as text: the browser would put it there in an element with the
 * styles of what was selected, and a page without inline styles blocks them.
 */
const TYPED_OVER: Extension = EditorView.domEventHandlers({
  beforeinput: ({ inputType, data }, view) => {
    const { from, to, empty } = view.state.selection.main;
    if (inputType !== 'insertText' || data === null || empty || view.composing) return false;
    const insert = (): Transaction =>
      view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
    const isTaken = view.state
      .facet(EditorView.inputHandler)
      .some((handle) => handle(view, from, to, data, insert));
    if (!isTaken) view.dispatch(insert());
    return true;
  },
});

/**
 * An editor of SQL in `box`. It lives in a shadow root, where its style sheets are adopted ones: a page without inline styles
 * would block them in the document.
 */
export function openEditor(
  box: HTMLElement,
  request: {
    readonly text: string;
    readonly label: string;
    readonly onRun: (sql: string) => void;
  },
): Editor {
  const root = box.shadowRoot ?? box.attachShadow({ mode: 'open' });
  root.replaceChildren();
  const language = new Compartment();
  const view = new EditorView({
    doc: request.text,
    parent: root,
    root,
    extensions: [
      keymap.of([
        {
          key: 'Mod-Enter',
          run: (editor) => {
            request.onRun(editor.state.doc.toString());
            return true;
          },
        },
        ...defaultKeymap,
        ...historyKeymap,
      ]),
      TYPED_OVER,
      lineNumbers(),
      history(),
      closeBrackets(),
      autocompletion(),
      language.of(completing([])),
      syntaxHighlighting(COLOURS),
      LOOK,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': request.label }),
    ],
  });
  return {
    text: () => view.state.doc.toString(),
    complete: (tables) => view.dispatch({ effects: language.reconfigure(completing(tables)) }),
    close: () => view.destroy(),
  };
}

/** Tables, their columns after a name of theirs, and by themselves those of the tables that the statement names. */
function completing(tables: readonly KnownTable[]): Extension {
  const schema = Object.fromEntries(
    tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]),
  );
  const support = sql({ dialect: PostgreSQL, schema, upperCaseKeywords: true });
  return [support, support.language.data.of({ autocomplete: columnsOf(tables) })];
}

const IS_TEXT: ReadonlySet<string> = new Set(['String', 'LineComment', 'BlockComment']);

function columnsOf(tables: readonly KnownTable[]): CompletionSource {
  return (context) => {
    const { state, pos, explicit } = context;
    const from = context.matchBefore(/\w*/)?.from ?? pos;
    const isAfterName = state.sliceDoc(from - 1, from) === '.';
    if ((from === pos && !explicit) || isAfterName) return null;
    if (IS_TEXT.has(syntaxTree(state).resolveInner(pos, -1).name)) return null;
    const words = new Set(
      state.doc
        .toString()
        .toLowerCase()
        .match(/[\w.]+/g),
    );
    const options = new Map<string, Completion>();
    for (const { name, columns } of tables) {
      if (!words.has(name.toLowerCase())) continue;
      for (const { label, displayLabel } of columns)
        options.set(label, { label, displayLabel, type: 'property', detail: name });
    }
    return { from, options: [...options.values()], validFor: /^\w*$/ };
  };
}
