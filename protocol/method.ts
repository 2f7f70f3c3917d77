/** The shape of a method: its name on the wire, the least role that may call it, its documentation, parameters, result and errors. */
import { RequestType } from "vscode-jsonrpc";
import { z } from "zod";
import type { ErrorName } from "./errors.ts";
import type { Part } from "./parts.ts";
import type { SessionView } from "./view.ts";

/** From least to most; each includes the rights of those before it. */
export const roles = ["viewer", "commenter", "driver", "approver", "owner"] as const;
export type Role = (typeof roles)[number];

export const session = z.string();
export const ok = z.object({});

/** A `SessionView` of view.ts: the server makes it, so only the compiler checks its shape. */
export const viewSchema = z.custom<SessionView>((value) => typeof value === "object" && value !== null);

/** A `Part` of parts.ts, likewise. */
export const partSchema = z.custom<Part>((value) => typeof value === "object" && value !== null);

/** A client that watches a session. */
export const participant = z.object({
  /** Of the connection: a person with two clients is listed twice. */
  id: z.string(),
  name: z.string(),
  /** The client's name from `initialize`. */
  client: z.string(),
  role: z.enum(roles),
  /** As in `presence/update`; absent where it is false or empty. */
  typing: z.boolean().optional(),
  hand: z.boolean().optional(),
  viewing: z.string().optional(),
});
export type Participant = z.infer<typeof participant>;

/** `errors`: names of errors.ts that a caller should handle, in addition to those that every method may return. */
export function request<N extends string, P extends z.ZodType, R extends z.ZodType>(
  name: N,
  role: Role,
  doc: string,
  params: P,
  result: R,
  errors: readonly ErrorName[] = [],
) {
  return { name, role, doc, params, result, errors, type: new RequestType<z.infer<P>, z.infer<R>, void>(name) };
}
