import { autocompletion, closeBrackets } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { HighlightStyle, type LanguageSupport, syntaxHighlighting } from '@codemirror/language';
import { Compartment } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export interface Editor {
  text(): string;
  /** Tables that are completed from now on; what is written stays. */
  complete(names: readonly string[]): void;
  close(): void;
}

/** What the page loads once an editor is wanted. */
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
    complete: (names) => view.dispatch({ effects: language.reconfigure(completing(names)) }),
    close: () => view.destroy(),
  };
}

function completing(names: readonly string[]): LanguageSupport {
  const schema = Object.fromEntries(names.map((name) => [name, []]));
  return sql({ dialect: PostgreSQL, schema, upperCaseKeywords: true });
}
