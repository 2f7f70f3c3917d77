/** The key tables as a document, made from the tables that the program itself runs on. Pure. */
import { type Context, contexts, isContext, type Row, titleOf } from "./binding.ts";
import { type TableName, tables } from "./keyboard.ts";

/**
 * One table for each context, and one for what comes after the leader key. What was shown before just the same is left out: in Vim's
 * and Emacs' what the default has.
 */
export function keysPage(name: TableName): string {
  const shown = new Set(name === "default" ? [] : sections("default").map(({ contents }) => contents));
  return sections(name)
    .filter(({ contents }) => !shown.has(contents) && shown.add(contents))
    .map(({ heading, rows }) => `${heading}\n\n| Keys | | Name |\n| --- | --- | --- |\n${rows.join("\n")}`)
    .join("\n\n");
}

interface Section {
  heading: string;
  rows: string[];
  /** The same for the same rows, in whatever order, of the same place. */
  contents: string;
}

const LEADER = "ctrl+x";

function sections(name: TableName): Section[] {
  return Object.keys(contexts)
    .filter(isContext)
    .flatMap((context) => {
      const here = tables[name].filter(({ when }) => [when].flat().includes(context));
      const isLed = ({ keys }: Row): boolean => keys.startsWith(`${LEADER} `);
      return [
        section(context, merged(here.filter((row) => !isLed(row))), false),
        section(context, merged(here.filter(isLed)), true),
      ];
    })
    .filter(({ rows }) => rows.length > 0);
}

interface Entry {
  keys: string[];
  title: string;
  names: string;
}

/** One entry for all keys that do the same. */
function merged(rows: readonly Row[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { keys, does } of rows) {
    const all = [does].flat();
    const names = all.map((name) => `\`${name}\``).join(", ");
    const entry = entries.get(names) ?? { keys: [], title: all.map(titleOf).join("; else: "), names };
    entries.set(names, { ...entry, keys: [...entry.keys, keys] });
  }
  return [...entries.values()];
}

function section(context: Context, entries: readonly Entry[], isLed: boolean): Section {
  const about = contexts[context];
  const title = `${about[0]?.toUpperCase()}${about.slice(1)}`;
  const rows = entries.map(({ keys, title, names }) => `| ${keys.map(code).join(", ")} | ${cell(title)} | ${names} |`);
  return {
    heading: `**${title}${isLed ? `, after \`${LEADER}\`` : ""}** (\`${context}\`)`,
    rows,
    contents: [isLed ? LEADER : context, ...rows.toSorted()].join("\n"),
  };
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

const code = (keys: string): string => (keys.includes("`") ? `\`\` ${keys} \`\`` : `\`${cell(keys)}\``);

/** The page with the tables between its marks made anew. */
export function withTables(page: string): string {
  return Object.keys(tables)
    .filter((name): name is TableName => Object.hasOwn(tables, name))
    .reduce((now, name) => {
      const marks = new RegExp(`(<!-- keys: ${name} -->\\n)[\\s\\S]*(\\n<!-- end keys: ${name} -->)`);
      return now.replace(marks, (_, head: string, tail: string) => `${head}\n${keysPage(name)}\n${tail}`);
    }, page);
}
