/** Parses what the documentation tests need of Markdown: fenced blocks with the comment before them, links, headings. Pure. */

export interface Block {
  language: string;
  /** The reason in a `not run` comment before the block, or null. */
  notRun: string | null;
  /** The file name in a `file` comment before the block, or null. */
  file: string | null;
  /** The line of the fence, counted from 1. */
  line: number;
  text: string;
}

export interface Command {
  line: number;
  /** One command line of the shell. */
  text: string;
  /** The expected output, or null. `…` matches anything. */
  expected: string | null;
}

export function blocksOf(page: string): Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\S*)$/.exec(lines[at] ?? "")?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    const before = lines.slice(0, at).findLast((line) => line !== "") ?? "";
    blocks.push({
      language,
      notRun: /^<!-- not run: (.+) -->$/.exec(before)?.[1] ?? null,
      file: /^<!-- file: (.+) -->$/.exec(before)?.[1] ?? null,
      line: at + 1,
      text: lines.slice(at + 1, end).join("\n"),
    });
    at = end;
  }
  return blocks;
}

/** In a `sh` block each line is a command; in a `console` block those after `$ `, followed by their output. */
export function commandsOf({ language, line, text }: Block): Command[] {
  const commands: Command[] = [];
  for (const [index, row] of text.split("\n").entries()) {
    const last = commands.at(-1);
    if (language === "sh") {
      if (row !== "" && !row.startsWith("#")) commands.push({ line: line + 1 + index, text: row, expected: null });
    } else if (row.startsWith("$ ")) commands.push({ line: line + 1 + index, text: row.slice(2), expected: "" });
    else if (last) last.expected += `${row}\n`;
  }
  return commands;
}

export function linksOf(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target ?? "");
}

/** GitHub's anchors of the headings. */
export function anchorsOf(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) =>
    (heading ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const withoutBlocks = (page: string): string => page.replace(/^```[\s\S]*?^```$/gm, "");
