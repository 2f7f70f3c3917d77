/**
 * Notes as Markdown files, one for each topic, in one folder: what is remembered is a list item of its topic's file. People may edit
 * them; nothing outside of the folder is read or written, and a link in it counts as nothing.
 */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

export interface Note {
  topic: string;
  /** The file's name in the folder. */
  file: string;
  text: string;
  /** When it was last changed, milliseconds since 1970. */
  changedAt: number;
}

export interface Notes {
  /** Newest first. */
  list(): Promise<Note[]>;
  /** Adds an item to a topic, or puts it in the place of all that was there. Returns the file's name. */
  remember(topic: string, text: string, replace: boolean): Promise<string>;
  /** Takes away a topic, or those of its items that contain a text. Returns how many items are gone; 0 where there is none. */
  forget(topic: string, containing?: string): Promise<number>;
}

/** Larger files are somebody else's. */
const MOST_BYTES = 256 * 1024;
const MOST_FILES = 1_000;

/** `inside` is a folder that the notes must not lead out of by a link; null where a person named their folder. */
export function openNotes(folder: string, inside: string | null): Notes {
  let last: Promise<unknown> = Promise.resolve();
  /** One change after another: a change reads, and then writes what it read with something more. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
  /** Whether the folder exists. Looked at with the one above it, which may exist alone. */
  const there = async (): Promise<boolean> => {
    let real: string | null = null;
    for (const path of [dirname(folder), folder]) {
      real = await orNull(realpath(path));
      if (real !== null && inside !== null && real !== join(await realpath(inside), relative(inside, path)))
        throw new Error(`${path} leads elsewhere by a link; notes are kept in the project only`);
    }
    return real !== null;
  };
  const read = async (file: string): Promise<Note | null> => {
    const path = join(folder, file);
    const facts = await orNull(lstat(path));
    if (!facts?.isFile() || facts.size > MOST_BYTES) return null;
    const text = await readFile(path, "utf8");
    return { topic: titleOf(text) ?? file.slice(0, -3), file, text, changedAt: facts.mtimeMs };
  };
  const list = async (): Promise<Note[]> => {
    if (!(await there())) return [];
    const files = (await readdir(folder)).filter((name) => name.endsWith(".md")).toSorted();
    const notes = await Promise.all(files.slice(0, MOST_FILES).map(read));
    return notes.filter((note) => note !== null).toSorted((a, b) => b.changedAt - a.changedAt);
  };
  return {
    list,
    remember: (topic, text, replace) =>
      inTurn(async () => {
        const file = fileOf(topic);
        if (!(await there())) {
          await mkdir(folder, { recursive: true });
          await there();
        }
        const before = replace ? null : await read(file);
        const item = `- ${text.trim().replace(/\r?\n/g, "\n  ")}\n`;
        const body = before ? `${before.text.trimEnd()}\n${item}` : `# ${oneLine(topic)}\n\n${item}`;
        if (Buffer.byteLength(body) > MOST_BYTES) throw new Error(`${file} would be too long; use another topic`);
        await writeWhole(join(folder, file), body);
        return file;
      }),
    forget: (topic, containing) =>
      inTurn(async () => {
        const file = fileOf(topic);
        const note = (await there()) ? await read(file) : null;
        if (!note) return 0;
        const { head, items } = itemsOf(note.text);
        const kept = containing === undefined ? [] : items.filter((item) => !holds(item, containing));
        if (kept.length === 0 && (containing === undefined || items.length > 0)) await rm(join(folder, file));
        else if (kept.length < items.length) await writeWhole(join(folder, file), head + kept.join(""));
        return containing === undefined ? Math.max(1, items.length) : items.length - kept.length;
      }),
  };
}

/** Letters and digits of any script, `-` between: neither a path nor a name that some system keeps for itself. */
export function fileOf(topic: string): string {
  const words =
    topic
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const name = [...words.join("-")].slice(0, 48).join("").replace(/-$/, "");
  if (name === "") throw new Error("a topic needs a letter or a digit");
  return /^(con|prn|aux|nul|com\d|lpt\d)$/.test(name) ? `note-${name}.md` : `${name}.md`;
}

/** A file's list items, each with the lines that belong to it, and what stands before the first. */
export function itemsOf(text: string): { head: string; items: string[] } {
  const starts = [...text.matchAll(/^[-*] /gm)].map(({ index }) => index);
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  const items = starts.map((start, index) => whole.slice(start, starts[index + 1] ?? whole.length));
  return { head: whole.slice(0, starts[0] ?? whole.length), items };
}

const holds = (item: string, text: string): boolean => item.toLowerCase().includes(text.toLowerCase());
const titleOf = (text: string): string | undefined => /^# (.+)$/m.exec(text)?.[1]?.trim();
const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Readers see the old file or the new one. A link in its place is replaced, not followed. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.${randomUUID()}.draft`);
  try {
    const file = await open(draft, "wx", 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
