/** What every client says of an error, and of a server that is gone. */
import { TuttiError } from "../protocol/errors.ts";

export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** `why`: what the link says when it is closed; null where nothing is known. */
export const goneBecause = (why: string | null): string => `The server is gone${why === null ? "" : `: ${why}`}.`;

/** A call that nobody will answer, since the connection has ended. */
export const goneError = (why: string | null): TuttiError =>
  new TuttiError("failed", goneBecause(why), { serverGone: true });

export const isGone = (error: unknown): boolean => error instanceof TuttiError && error.data?.serverGone === true;
