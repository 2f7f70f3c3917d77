/** How every client describes errors and a lost connection to the server. */
import { TuttiError } from "../protocol/errors.ts";

/** `reason` is what `Link.closed` resolves with. */
export const describeDisconnect = (reason: string | null): string =>
  `Lost the connection to the server${reason === null ? "" : `: ${reason.replace(/\.$/, "")}`}.`;

export const SERVER_STOPPED = "The server was stopped.";

/** The error of a call that will get no response, because the connection has ended. */
export const disconnectedError = (reason: string | null): TuttiError =>
  new TuttiError("failed", describeDisconnect(reason), { disconnected: true });

/** True for an error of a connection that no later attempt can open, such as one by a revoked link. */
export const isEnded = (error: unknown): boolean => error instanceof TuttiError && error.data?.ended === true;

export const isDisconnected = (error: unknown): boolean =>
  error instanceof TuttiError && error.data?.disconnected === true;
