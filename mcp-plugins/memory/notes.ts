/**
 * Notes as Markdown files in one folder, one file per topic, one list item per note. Users may edit them. Nothing outside the folder is
 * read or written, and links in it are ignored.
 */
import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

export interface Note {
  topic: string;
  /** The name of the file in the folder. */
  file: string;
  text: string;
  /** Last change, in milliseconds since 1970. */
  changedAt: number;
}

export interface Notes {
  /** Newest first. */
  list(): Promise<Note[]>;
  /** Adds a note to a topic, or replaces all its notes. Returns the name of the file. */
  remember(topic: string, text: string, replace: boolean): Promise<string>;
  /** Deletes a topic, or its notes that contain a text. Returns the number of deleted notes. */
  forget(topic: string, containing?: string): Promise<number>;
}

/** Larger files are not notes and are ignored. */
const MAX_BYTES = 256 * 1024;
const MAX_FILES = 1_000;

/** `root` is a folder that links must not lead out of; null if the user configured the folder. */
export function openNotes(folder: string, root: string | null): Notes {
  let last: Promise<unknown> = Promise.resolve();
  /** Runs changes one at a time: each reads a file and writes it again. */
  const runInOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work);
    last = result;
    return result;
  };
  /** Whether the folder exists. Also checks its parent, which may exist alone. */
  const folderExists = async (): Promise<boolean> => {
    let real: string | null = null;
    for (const path of [dirname(folder), folder]) {
      real = await nullIfMissing(realpath(path));
      if (real !== null && root !== null && real !== join(await realpath(root), relative(root, path)))
        throw new Error(`${path} is a link to another folder; notes are only stored in the project`);
    }
    return real !== null;
  };
  const readNote = async (file: string): Promise<Note | null> => {
    const path = join(folder, file);
    const stats = await nullIfMissing(lstat(path));
    if (!stats?.isFile() || stats.size > MAX_BYTES) return null;
    const text = await readFile(path, "utf8");
    return { topic: parseTitle(text) ?? file.slice(0, -3), file, text, changedAt: stats.mtimeMs };
  };
  const list = async (): Promise<Note[]> => {
    if (!(await folderExists())) return [];
    const files = (await readdir(folder)).filter((name) => name.endsWith(".md")).toSorted();
    const notes = await Promise.all(files.slice(0, MAX_FILES).map(readNote));
    return notes.filter((note) => note !== null).toSorted((a, b) => b.changedAt - a.changedAt);
  };
  return {
    list,
    remember: (topic, text, replace) =>
      runInOrder(async () => {
        const file = toFileName(topic);
        if (!(await folderExists())) {
          await mkdir(folder, { recursive: true });
          await folderExists();
        }
        const before = replace ? null : await readNote(file);
        const item = `- ${text.trim().replace(/\r?\n/g, "\n  ")}\n`;
        const body = before ? `${before.text.trimEnd()}\n${item}` : `# ${toOneLine(topic)}\n\n${item}`;
        if (Buffer.byteLength(body) > MAX_BYTES) throw new Error(`${file} would become too large; use another topic`);
        await replaceFile(join(folder, file), body);
        return file;
      }),
    forget: (topic, containing) =>
      runInOrder(async () => {
        const file = toFileName(topic);
        const note = (await folderExists()) ? await readNote(file) : null;
        if (!note) return 0;
        const { head, items } = parseItems(note.text);
        const remaining = containing === undefined ? [] : items.filter((item) => !contains(item, containing));
        if (remaining.length === 0 && (containing === undefined || items.length > 0)) await rm(join(folder, file));
        else if (remaining.length < items.length) await replaceFile(join(folder, file), head + remaining.join(""));
        return containing === undefined ? Math.max(1, items.length) : items.length - remaining.length;
      }),
  };
}

/** Letters and digits of any script, separated by `-`: neither a path nor a reserved file name. */
export function toFileName(topic: string): string {
  const words =
    topic
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const name = [...words.join("-")].slice(0, 48).join("").replace(/-$/, "");
  if (name === "") throw new Error("the topic must contain a letter or a digit");
  return /^(con|prn|aux|nul|com\d|lpt\d)$/.test(name) ? `note-${name}.md` : `${name}.md`;
}

/** The list items of a file, each with its continuation lines, and the text before the first one. */
export function parseItems(text: string): { head: string; items: string[] } {
  const starts = [...text.matchAll(/^[-*] /gm)].map(({ index }) => index);
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  const items = starts.map((start, index) => whole.slice(start, starts[index + 1] ?? whole.length));
  return { head: whole.slice(0, starts[0] ?? whole.length), items };
}

const contains = (item: string, text: string): boolean => item.toLowerCase().includes(text.toLowerCase());
const parseTitle = (text: string): string | undefined => /^# (.+)$/m.exec(text)?.[1]?.trim();
const toOneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

async function nullIfMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Replaces a file atomically. A link is replaced, not followed. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}.draft`);
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
