/**
 * Transcripts of sessions for hooks, in Claude Code's format: a projection of the log that is written before a hook is started. The
 * first time a session needs it, the whole file is made; from then on, lines are appended.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { getTranscriptPath } from "../node/transcript-path.ts";
import type { Hash } from "../ports.ts";
import type { Session } from "../session/session.ts";
import { createTranscriptFold, type TranscriptFold } from "./transcript-lines.ts";

export type TranscriptSession = Pick<Session, "view" | "envelopes">;

export interface Transcripts {
  path(session: string): string;
  /**
   * Resolves with the path when the file has all of the log. `settled`: the response of the current step is complete. Rejects if the
   * file cannot be written.
   */
  update(session: TranscriptSession, settled: boolean): Promise<string>;
}

interface Transcript {
  fold: TranscriptFold;
  /** Envelopes that are in the file. */
  count: number;
  writing: Promise<void>;
}

/** Characters that are written at once. */
const PIECE_LENGTH = 1024 * 1024;

export function openTranscripts(deps: { dataDir: string; version: string; hash: Hash }): Transcripts {
  const { dataDir, version, hash } = deps;
  const known = new WeakMap<TranscriptSession, Transcript>();
  const create = (session: TranscriptSession): Transcript => {
    const { id, task } = session.view();
    const createUuid = (key: string): string => formatUuid(hash(`${id} ${key}`));
    const agentId = task ? id : null;
    const fold = createTranscriptFold({ session: task?.root ?? id, agentId, version, createUuid });
    const created = { fold, count: 0, writing: Promise.resolve() };
    known.set(session, created);
    return created;
  };
  const path = (session: string): string => getTranscriptPath(dataDir, session);
  return {
    path,
    async update(session, settled) {
      const file = path(session.view().id);
      const transcript = known.get(session) ?? create(session);
      const write = (): Promise<void> => writeTranscript(file, transcript, session.envelopes(), settled);
      transcript.writing = transcript.writing.then(write);
      try {
        await transcript.writing;
      } catch (error) {
        // A part may be missing in the file: the next one starts again.
        known.delete(session);
        throw error;
      }
      return file;
    },
  };
}

async function writeTranscript(
  file: string,
  transcript: Transcript,
  envelopes: ReturnType<Session["envelopes"]>,
  settled: boolean,
): Promise<void> {
  const isNew = transcript.count === 0;
  if (isNew) await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const target = isNew ? `${file}.new` : file;
  // Appending does not create the file: a session that was deleted leaves nothing.
  const { O_WRONLY, O_APPEND, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const flags = O_WRONLY | O_NOFOLLOW | (isNew ? O_CREAT | O_TRUNC : O_APPEND);
  const handle = await open(target, flags, 0o600);
  try {
    await writeLines(handle, transcript, envelopes, settled);
  } finally {
    await handle.close();
  }
  if (isNew) await rename(target, file);
}

async function writeLines(
  handle: FileHandle,
  transcript: Transcript,
  envelopes: ReturnType<Session["envelopes"]>,
  settled: boolean,
): Promise<void> {
  let text = "";
  const addLines = (lines: readonly object[]): void => {
    for (const line of lines) text += `${JSON.stringify(line)}\n`;
  };
  const end = envelopes.length;
  for (const envelope of envelopes.slice(transcript.count, end)) {
    addLines(transcript.fold.add(envelope));
    if (text.length < PIECE_LENGTH) continue;
    await handle.writeFile(text);
    text = "";
  }
  if (settled) addLines(transcript.fold.settle());
  transcript.count = end;
  if (text !== "") await handle.writeFile(text);
}

/** A version 8 UUID of a hash. */
const formatUuid = (hash: string): string =>
  `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
