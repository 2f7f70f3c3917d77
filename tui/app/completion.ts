/** The menu over the prompt: slash commands at its start, files and symbols after an `@`. */
import { actionNames, actions, slashes } from "../actions.ts";
import { type Editor, replaced } from "../edit/editor.ts";
import type { App } from "./app.ts";
import { filtered } from "./filter.ts";
import type { Completion, Item } from "./state.ts";

export interface Completer {
  /** The text or the cursor changed. */
  refresh(): void;
  /** True where what stands in the prompt is a whole command now. */
  accept(index?: number): boolean;
  step(by: number): void;
  close(): void;
}

interface Wanted {
  kind: "slash" | "mention";
  text: string;
  from: number;
  to: number;
}

const MOST = 50;

/** What is being named where the cursor stands. */
export function wanted({ text, cursor }: Pick<Editor, "text" | "cursor">): Wanted | null {
  const before = text.slice(0, cursor);
  const slash = /^\/([\w-]*)$/.exec(before);
  if (slash) return { kind: "slash", text: slash[1] ?? "", from: 0, to: cursor };
  const mention = /(?:^|[\s(])@([^\s@]*)$/u.exec(before);
  if (!mention) return null;
  const named = mention[1] ?? "";
  return { kind: "mention", text: named, from: cursor - named.length - 1, to: cursor };
}

const slashItems: readonly Item[] = actionNames.flatMap((name) => {
  const { slash, title, takes } = actions[name] as { slash?: string; title: string; takes?: string };
  return slash === undefined ? [] : [{ id: slash, text: slash, detail: takes ? `${takes} · ${title}` : title }];
});

/** Names that begin with it, then whatever else it fits. */
function slashesFor(text: string): readonly Item[] {
  const begins = slashItems.filter((item) => item.text.startsWith(text));
  return [...begins, ...filtered(slashItems, text).filter((item) => !begins.includes(item))].slice(0, MOST);
}

function takesMore(slash: string): boolean {
  const name = slashes.get(slash);
  return name !== undefined && "takes" in actions[name];
}

export function createCompleter(app: App): Completer {
  let asked = 0;
  /** What was closed by hand stays closed until another word begins. */
  let closedAt: number | null = null;

  const show = (completion: Completion | null): void => {
    if (completion !== app.state().completion) app.set({ completion });
  };
  const put = ({ from, to }: Wanted, rows: Completion["rows"]): void =>
    show(rows.length === 0 ? null : { from, to, rows, chosen: 0 });
  const mentions = async (want: Wanted): Promise<void> => {
    const mine = ++asked;
    const { cwd } = app.state();
    const { files } = await app.server.call("filesFind", { cwd, text: want.text, limit: MOST });
    const symbols =
      want.text.length < 3 ? [] : (await app.server.call("symbolsFind", { cwd, text: want.text, limit: 10 })).symbols;
    if (mine !== asked) return;
    put(want, [
      ...files.map(({ name }) => ({ insert: `@${quoted(name)}`, text: name })),
      ...symbols.map(({ name, kind, path, line }) => {
        const file = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
        return { insert: `@${quoted(file)}:${line} (${name})`, text: name, detail: `${kind} · ${file}:${line}` };
      }),
    ]);
  };
  const refresh = () => {
    const want = wanted(app.state().typing.editor);
    if (!want) {
      closedAt = null;
      asked++;
      return show(null);
    }
    if (closedAt === want.from) return;
    if (want.kind === "slash") {
      asked++;
      const rows = slashesFor(want.text);
      return put(
        want,
        rows.map(({ id, text, detail = "" }) => ({
          insert: `/${text}`,
          text: `/${text}`,
          detail,
          whole: text === want.text || !takesMore(id),
        })),
      );
    }
    // What was found for less stays until there is something better.
    mentions(want).catch(() => show(null));
  };
  return {
    refresh,
    accept(index) {
      const { completion, typing } = app.state();
      const row = completion?.rows[index ?? completion.chosen];
      if (!completion || !row) return false;
      asked++;
      const folder = row.insert.endsWith("/");
      const text = folder ? row.insert : `${row.insert} `;
      const editor = replaced(typing.editor, { from: completion.from, to: completion.to }, text);
      app.set({ typing: { ...typing, editor }, completion: null }, "key");
      if (folder) refresh();
      return row.whole === true;
    },
    step(by) {
      const { completion } = app.state();
      if (!completion) return;
      const count = completion.rows.length;
      app.set({ completion: { ...completion, chosen: (completion.chosen + by + count) % count } }, "key");
    },
    close() {
      closedAt = app.state().completion?.from ?? null;
      asked++;
      show(null);
    },
  };
}

const quoted = (name: string): string => (/\s/.test(name) ? `"${name}"` : name);
