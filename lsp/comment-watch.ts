/**
 * Acts on comment commands when their file is saved, each once, and only on what was written into an open document by hand: what stood
 * there when it was opened, and what came from the disk (another branch, another program), is let be. A repository cannot speak.
 */
import { readFileSync, statSync } from "node:fs";
import { applyText } from "./apply.ts";
import { commentSyntax } from "./comment-syntax.ts";
import { type CommentCommand, commandsIn, withoutCommands } from "./comments.ts";
import type { Document } from "./documents.ts";
import type { Face } from "./face.ts";
import { sentence } from "./server.ts";

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
  /** By document, the keys of comments that nobody typed here. */
  const others = new Map<Document, Set<string>>();
  /** Where it stood, too: undoing what took it away brings no command back. */
  const acted = new Set<string>();
  const isOn = (): boolean => face.client().options.comments !== "off";

  return {
    opened(document) {
      if (isOn()) others.set(document, new Set(commandsOf(document).map(keyOf)));
    },
    changed(document) {
      const known = others.get(document);
      if (!known) return;
      const now = new Set(commandsOf(document).map(keyOf));
      for (const key of known) if (!now.has(key)) known.delete(key);
      if ([...now].every((key) => known.has(key))) return;
      const onDisk = new Set(commandsOnDisk(document).map(keyOf));
      for (const key of now) if (onDisk.has(key)) known.add(key);
    },
    async saved(document) {
      const known = others.get(document);
      const { path, uri } = document;
      if (!known || path === null) return;
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
    closed: (document) => void others.delete(document),
  };
}

const MOST_BYTES = 4_000_000;

const commandsOf = (document: Document): CommentCommand[] => commandsOfText(document, document.text());

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
