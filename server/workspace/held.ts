/**
 * Files of which a client holds the text: an editor with unsaved changes. Tools read that text, and what they write goes to the client.
 * Who does not answer in time, or goes, gets no say; nothing is written past an editor that did not answer.
 */
import type { DocumentWanted } from "../../protocol/document-methods.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { ParamsOf } from "../../protocol/methods.ts";
import { isWithin } from "../permission/protected.ts";
import type { Files, Hash } from "../ports.ts";
import { decodeText } from "../tools/text.ts";

/** A connection that may hold files. */
export interface Holder {
  want(wanted: DocumentWanted): void;
}

export interface Held {
  hold(holder: Holder, what: ParamsOf<"documentsHold">): void;
  give(holder: Holder, answer: ParamsOf<"documentsGive">): void;
  /** The connection is gone, and with it what it held. */
  letGo(holder: Holder): void;
  /** The files as this session's tools see them. */
  filesFor(session: string, files: Files): Files;
  /** Real paths below a folder whose text is held, not those that lie in a folder which is held as a whole. */
  below(folder: string, session: string): string[];
  /** Those of them, up to a few, whose text is not what lies on the disk, as far as their editors answer. */
  differing(folder: string, session: string, files: Files): Promise<string[]>;
}

export interface HeldParts {
  real(path: string): string;
  hash: Hash;
  newId(): string;
}

interface Holding {
  holder: Holder;
  paths: ReadonlySet<string>;
  folders: readonly string[];
  session: string | undefined;
}

interface Open {
  holder: Holder;
  /** Null: the file is the disk's. */
  settle(text: string | null): void;
  fail(why: string): void;
}

const ANSWER_MS = 10_000;
const MOST_COMPARED = 20;

export function openHeld({ real, hash, newId }: HeldParts): Held {
  /** What was said last stands last. */
  let holdings: readonly Holding[] = [];
  const open = new Map<string, Open>();

  const holderOf = (path: string, session: string, how: "path" | "any"): Holder | null => {
    const mine = holdings.filter(isFor(session));
    const exact = mine.findLast(({ paths }) => paths.has(path));
    const found = exact ?? (how === "any" ? mine.findLast(({ folders }) => isBelow(path, folders)) : undefined);
    return found?.holder ?? null;
  };

  const ask = (holder: Holder, wanted: DocumentWanted): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        open.delete(wanted.wanted);
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(why));
      };
      const late = `${wanted.path} is open in an editor that did not answer within ${ANSWER_MS / 1000} s; nothing was done.`;
      const timer = setTimeout(() => fail(late), ANSWER_MS);
      open.set(wanted.wanted, {
        holder,
        fail,
        settle(text) {
          done();
          resolve(text);
        },
      });
      holder.want(wanted);
    });

  const textOf = (holder: Holder, path: string, session: string): Promise<string | null> =>
    ask(holder, { wanted: newId(), session, path, action: "read" });

  const below = (folder: string, session: string): string[] => {
    const paths = holdings.filter(isFor(session)).flatMap(({ paths: own }) => [...own]);
    return [...new Set(paths)].filter((path) => isWithin(path, folder));
  };

  return {
    hold(holder, { paths, folders = [], session }) {
      const others = holdings.filter((one) => one.holder !== holder || one.session !== session);
      holdings = [...others, { holder, paths: new Set(paths.map(real)), folders: folders.map(real), session }];
    },
    give(holder, { wanted, text = null, problem }) {
      const one = open.get(wanted);
      if (one?.holder !== holder) throw new TuttiError("notFound", "That is not wanted any more.");
      if (problem === undefined) one.settle(text);
      else one.fail(problem);
    },
    letGo(holder) {
      holdings = holdings.filter((one) => one.holder !== holder);
      for (const one of [...open.values()])
        if (one.holder === holder) one.fail("The editor that held the file is gone; try again.");
    },
    below,
    async differing(folder, session, files) {
      const paths = below(folder, session).slice(0, MOST_COMPARED);
      const differs = await Promise.all(
        paths.map(async (path) => {
          const holder = holderOf(path, session, "path");
          const text = holder && (await textOf(holder, path, session).catch(() => null));
          if (text === null) return false;
          const { kind, size } = await files.facts(path);
          if (kind !== "file") return true;
          const length = Buffer.byteLength(text);
          return decodeText(await files.read(path, Math.max(size, length)))?.text !== text;
        }),
      );
      return paths.filter((_, index) => differs[index]);
    },
    filesFor(session, files) {
      /** Hashes of the texts that changes are made from. */
      const seen = new Map<string, string>();
      const held = async (holder: Holder, path: string): Promise<Uint8Array | null> => {
        const text = await textOf(holder, path, session);
        if (text === null) {
          seen.delete(path);
          return null;
        }
        seen.set(path, hash(text));
        return new TextEncoder().encode(text);
      };
      return {
        ...files,
        async facts(path) {
          const facts = await files.facts(path);
          const holder = holderOf(facts.real, session, "path");
          if (!holder || facts.kind === "directory" || facts.kind === "device") return facts;
          const bytes = await held(holder, facts.real);
          if (!bytes) return facts;
          return { ...facts, size: bytes.length, ...(facts.kind === "missing" && { kind: "file", own: true }) };
        },
        async read(path, max, offset = 0) {
          const holder = holderOf(path, session, "any");
          const bytes = holder && (await held(holder, path));
          return bytes ? bytes.subarray(offset, offset + max) : files.read(path, max, offset);
        },
        async write(path, content) {
          const holder = holderOf(path, session, "any");
          const text = holder && decodeText(content)?.text;
          if (!holder || text === null || text === undefined) return files.write(path, content);
          const over = seen.get(path) ?? null;
          const taken = await ask(holder, { wanted: newId(), session, path, action: "write", text, over });
          if (taken === null) return files.write(path, content);
          seen.set(path, hash(taken));
        },
        async remove(path) {
          if (holderOf(path, session, "path"))
            throw new Error(`${path} is open in an editor with unsaved changes; it was not removed.`);
          return files.remove(path);
        },
      };
    },
  };
}

const isFor =
  (session: string) =>
  (holding: Holding): boolean =>
    holding.session === undefined || holding.session === session;

const isBelow = (path: string, folders: readonly string[]): boolean => folders.some((folder) => isWithin(path, folder));
