/** What a method is: its name on the wire, the least role that may call it, one line of documentation, its shapes, its errors. */
import { RequestType } from "vscode-jsonrpc";
import { z } from "zod";
import type { ErrorName } from "./errors.ts";
import type { Part } from "./parts.ts";
import type { SessionView } from "./view.ts";

/** From least to most. Each may do what those before it may. */
export const roles = ["viewer", "commenter", "driver", "approver", "owner"] as const;
export type Role = (typeof roles)[number];

export const session = z.string();
export const ok = z.object({});

/** The shape of `SessionView` in view.ts; checked by the compiler there, and passed through here. */
export const view = z.custom<SessionView>((value) => typeof value === "object" && value !== null);

/** The shape of `Part` in parts.ts, likewise. */
export const part = z.custom<Part>((value) => typeof value === "object" && value !== null);

/** Somebody who watches a session. */
export const participant = z.object({
  /** Of the connection: the same person at two screens is there twice. */
  id: z.string(),
  name: z.string(),
  /** What the client called itself in `initialize`. */
  client: z.string(),
  role: z.enum(roles),
});
export type Participant = z.infer<typeof participant>;

/** `errors`: those of the table in errors.ts that a caller should be ready for, beside the ones that every method may give. */
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
