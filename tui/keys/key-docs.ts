/** Formats the key tables for docs/keys.md. Pure. */
import { type BindingRow, type Context, contexts, isContext, titleOf } from "./binding.ts";
import { type KeyTableName, keyTables } from "./keyboard.ts";

/** One table for each context, and one for the leader key. Tables that are the same in the default table are left out for Vim and Emacs. */
export function formatKeyTables(name: KeyTableName): string {
  const shown = new Set(name === "default" ? [] : listSections("default").map(({ contents }) => contents));
  return listSections(name)
    .filter(({ contents }) => !shown.has(contents) && shown.add(contents))
    .map(({ heading, rows }) => `${heading}\n\n| Keys | | Name |\n| --- | --- | --- |\n${rows.join("\n")}`)
    .join("\n\n");
}

interface Section {
  heading: string;
  rows: string[];
  /** Equal for the same rows of the same context, in any order. */
  contents: string;
}

const LEADER = "ctrl+x";

function listSections(name: KeyTableName): Section[] {
  return Object.keys(contexts)
    .filter(isContext)
    .flatMap((context) => {
      const here = keyTables[name].filter(({ when }) => [when].flat().includes(context));
      const isLed = ({ keys }: BindingRow): boolean => keys.startsWith(`${LEADER} `);
      return [
        createSection(context, mergeRows(here.filter((row) => !isLed(row))), false),
        createSection(context, mergeRows(here.filter(isLed)), true),
      ];
    })
    .filter(({ rows }) => rows.length > 0);
}

interface Entry {
  keys: string[];
  title: string;
  names: string;
}

/** Merges keys with the same commands. */
function mergeRows(rows: readonly BindingRow[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { keys, commands } of rows) {
    const all = [commands].flat();
    const names = all.map((name) => `\`${name}\``).join(", ");
    const entry = entries.get(names) ?? { keys: [], title: all.map(titleOf).join("; else: "), names };
    entries.set(names, { ...entry, keys: [...entry.keys, keys] });
  }
  return [...entries.values()];
}

function createSection(context: Context, entries: readonly Entry[], isLed: boolean): Section {
  const about = contexts[context];
  const title = `${about[0]?.toUpperCase()}${about.slice(1)}`;
  const rows = entries.map(
    ({ keys, title, names }) => `| ${keys.map(formatCode).join(", ")} | ${escapeCell(title)} | ${names} |`,
  );
  return {
    heading: `**${title}${isLed ? `, after \`${LEADER}\`` : ""}** (\`${context}\`)`,
    rows,
    contents: [isLed ? LEADER : context, ...rows.toSorted()].join("\n"),
  };
}

const escapeCell = (text: string): string => text.replaceAll("|", "\\|");

const formatCode = (keys: string): string => (keys.includes("`") ? `\`\` ${keys} \`\`` : `\`${escapeCell(keys)}\``);

/** Replaces the tables between the markers in the page. */
export function insertKeyTables(page: string): string {
  return Object.keys(keyTables)
    .filter((name): name is KeyTableName => Object.hasOwn(keyTables, name))
    .reduce((now, name) => {
      const marks = new RegExp(`(<!-- keys: ${name} -->\\n)[\\s\\S]*(\\n<!-- end keys: ${name} -->)`);
      return now.replace(marks, (_, head: string, tail: string) => `${head}\n${formatKeyTables(name)}\n${tail}`);
    }, page);
}
