/**
 * Acts on comment commands when their file is saved, each once, and only on what was written into an open document by hand: what stood
 * there when it was opened, and what came from the disk (another branch, another program), is let be. A repository cannot speak.
 */
import { readFileSync, statSync } from "node:fs";
import { sentence } from "../client/words.ts";
import { applyText } from "./apply.ts";
import { commentSyntax } from "./comment-syntax.ts";
import { type CommentCommand, commandsIn, withoutCommands } from "./comments.ts";
import type { Document } from "./documents.ts";
import type { Face } from "./face.ts";

export interface CommentWatch {
  opened(document: Document): void;
  changed(document: Document): void;
  saved(document: Document): Promise<void>;
  closed(document: Document): void;
}

/** `acting` makes a turn of a command. */
export function watchComments(
  face: Face,
  acting: (document: { path: string; uri: string }, command: CommentCommand) => Promise<unknown>,
): CommentWatch {
  const watched = new Map<Document, Watched>();
  /** Where it stood, too: undoing what took it away brings no command back. */
  const acted = new Set<string>();
  const isOn = (): boolean => face.client().options.comments !== "off";

  return {
    opened(document) {
      if (isOn()) watched.set(document, { known: new Set(commandsOf(document).map(keyOf)), read: [], at: 0 });
    },
    changed(document) {
      const one = watched.get(document);
      if (!one) return;
      const { known } = one;
      one.read = [];
      const now = new Set(commandsOf(document).map(keyOf));
      for (const key of known) if (!now.has(key)) known.delete(key);
      if ([...now].every((key) => known.has(key))) return;
      const onDisk = new Set(commandsOnDisk(document).map(keyOf));
      one.read = [...now].filter((key) => onDisk.has(key) && !known.has(key));
      one.at = performance.now();
      for (const key of one.read) known.add(key);
    },
    async saved(document) {
      const one = watched.get(document);
      const { path, uri } = document;
      if (!one || path === null) return;
      const { known } = one;
      if (performance.now() - one.at < TYPED_MS) for (const key of one.read) known.delete(key);
      const text = document.text();
      const fresh = commandsOf(document).filter(
        (command) => !known.has(keyOf(command)) && !acted.has(placeOf(path, text, command)),
      );
      if (fresh.length === 0) return;
      for (const command of fresh) {
        known.add(keyOf(command));
        acted.add(placeOf(path, text, command));
      }
      try {
        await applyText(face, document, withoutCommands(text, fresh), "Tutti: take the comment");
        for (const [index, command] of fresh.entries()) {
          const gone = fresh.slice(0, index).filter(({ line }) => line < command.line).length;
          await acting({ path, uri }, { ...command, line: command.line - gone });
        }
      } catch (error) {
        face.say("warning", `Nothing was done for the comment: ${sentence(error)}`);
      }
    },
    closed: (document) => void watched.delete(document),
  };
}

interface Watched {
  /** The keys of comments that nobody typed here. */
  known: Set<string>;
  /** Those of them that stood on the disk when the last change of the text brought them, and when that was. */
  read: string[];
  at: number;
}

/** Some editors tell what was typed only as they save it, when it is on the disk already: then saving follows at once. */
const TYPED_MS = 2_000;

const MOST_BYTES = 4_000_000;

const commandsOf = (document: Document): CommentCommand[] =>
  document.length() > MOST_BYTES ? [] : commandsOfText(document, document.text());

function commandsOnDisk(document: Document): CommentCommand[] {
  const { path } = document;
  if (path === null || (statSync(path, { throwIfNoEntry: false })?.size ?? MOST_BYTES) >= MOST_BYTES) return [];
  return commandsOfText(document, readFileSync(path, "utf8"));
}

function commandsOfText({ language, path }: Document, text: string): CommentCommand[] {
  const syntax = path === null ? undefined : commentSyntax(language, path);
  return syntax ? commandsIn(text, syntax) : [];
}

const keyOf = ({ kind, text }: CommentCommand): string => `${kind} ${text}`;

function placeOf(path: string, text: string, command: CommentCommand): string {
  const before = text.slice(0, command.start).trimEnd().split("\n").at(-1);
  const after = text.slice(command.end).trimStart().split("\n", 1)[0];
  return JSON.stringify([path, keyOf(command), before, after]);
}
