/**
 * Runs comment commands when their file is saved, each only once, and only those typed into an open document. Comments that were there
 * when it was opened, or that came from disk (another branch, another program), are ignored: a repository must not give instructions.
 */

import { readFileSync, statSync } from "node:fs";
import { describeError } from "../protocol/errors.ts";
import { applyEdit } from "./apply.ts";
import { commentSyntax } from "./comment-syntax.ts";
import { type CommentCommand, findCommands, removeCommands } from "./comments.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";

export interface CommentWatcher {
  opened(document: Document): void;
  changed(document: Document): void;
  saved(document: Document): Promise<void>;
  closed(document: Document): void;
}

/** `runCommand` starts a turn for a command. */
export function watchComments(
  lsp: LspContext,
  runCommand: (document: { path: string; uri: string }, command: CommentCommand) => Promise<unknown>,
): CommentWatcher {
  const watched = new Map<Document, WatchedDocument>();
  /** Includes the position: undoing the removal of a comment does not run it again. */
  const handled = new Set<string>();
  const isEnabled = (): boolean => lsp.client().options.comments !== "off";

  return {
    opened(document) {
      if (isEnabled())
        watched.set(document, { known: new Set(commandsInDocument(document).map(commandKey)), read: [], at: 0 });
    },
    changed(document) {
      const one = watched.get(document);
      if (!one) return;
      const { known } = one;
      one.read = [];
      const now = new Set(commandsInDocument(document).map(commandKey));
      for (const key of known) if (!now.has(key)) known.delete(key);
      if ([...now].every((key) => known.has(key))) return;
      const onDisk = new Set(commandsOnDisk(document).map(commandKey));
      one.read = [...now].filter((key) => onDisk.has(key) && !known.has(key));
      one.at = performance.now();
      for (const key of one.read) known.add(key);
    },
    async saved(document) {
      const one = watched.get(document);
      const { path, uri } = document;
      if (!one || path === null) return;
      const { known } = one;
      if (performance.now() - one.at < TYPING_WINDOW_MS) for (const key of one.read) known.delete(key);
      const text = document.text();
      const newCommands = commandsInDocument(document).filter(
        (command) => !known.has(commandKey(command)) && !handled.has(locationKey(path, text, command)),
      );
      if (newCommands.length === 0) return;
      for (const command of newCommands) {
        known.add(commandKey(command));
        handled.add(locationKey(path, text, command));
      }
      try {
        await applyEdit(lsp, document, removeCommands(text, newCommands), "Tutti: Remove the comment");
        for (const [index, command] of newCommands.entries()) {
          const removedBefore = newCommands.slice(0, index).filter(({ line }) => line < command.line).length;
          await runCommand({ path, uri }, { ...command, line: command.line - removedBefore });
        }
      } catch (error) {
        lsp.showMessage("warning", `Cannot run the comment command: ${describeError(error)}`);
      }
    },
    closed: (document) => void watched.delete(document),
  };
}

interface WatchedDocument {
  /** The keys of comments that were not typed in this editor. */
  known: Set<string>;
  /** Keys that were already on disk when the last change added them, and the time of that change. */
  read: string[];
  at: number;
}

/** Some editors report typed text only when saving, when it is already on disk. Then the save follows immediately. */
const TYPING_WINDOW_MS = 2_000;

const MAX_BYTES = 4_000_000;

const commandsInDocument = (document: Document): CommentCommand[] =>
  document.length() > MAX_BYTES ? [] : commandsInText(document, document.text());

function commandsOnDisk(document: Document): CommentCommand[] {
  const { path } = document;
  if (path === null || (statSync(path, { throwIfNoEntry: false })?.size ?? MAX_BYTES) >= MAX_BYTES) return [];
  return commandsInText(document, readFileSync(path, "utf8"));
}

function commandsInText({ language, path }: Document, text: string): CommentCommand[] {
  const syntax = path === null ? undefined : commentSyntax(language, path);
  return syntax ? findCommands(text, syntax) : [];
}

const commandKey = ({ kind, text }: CommentCommand): string => `${kind} ${text}`;

function locationKey(path: string, text: string, command: CommentCommand): string {
  const before = text.slice(0, command.start).trimEnd().split("\n").at(-1);
  const after = text.slice(command.end).trimStart().split("\n", 1)[0];
  return JSON.stringify([path, commandKey(command), before, after]);
}
