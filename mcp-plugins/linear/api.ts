/** Linear's GraphQL API: constant documents with variables, and what its errors mean. */
import { z } from "zod";
import { type Answer, limited, openClient, said } from "../http/client.ts";
import { addressFrom, needed, setting } from "../http/settings.ts";
import { joined } from "../http/text.ts";
import { waitOf } from "../http/wait.ts";

const KEY = "make a personal API key in Linear under Settings, Security & access, and give it to this plugin.";

const linear = openClient({
  name: "Linear",
  base: addressFrom("LINEAR_API_URL", "https://api.linear.app/graphql"),
  secrets: [setting("LINEAR_API_KEY")],
  headers: () => ({ authorization: needed("LINEAR_API_KEY", KEY) }),
  explain,
});

/** A GraphQL document with what it answers. */
export interface Document<S extends z.ZodType> {
  text: string;
  data: S;
}

export async function ask<S extends z.ZodType>(
  { text, data }: Document<S>,
  variables: Record<string, unknown>,
  signal: AbortSignal,
): Promise<z.output<S>> {
  const body = { query: text, variables };
  const answer = await linear.get(z.object({ data }), { method: "POST", path: "", body, signal });
  return (answer as { data: z.output<S> }).data;
}

const failures = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string(), userPresentableMessage: z.string() }).partial().optional(),
      }),
    )
    .min(1),
});

/** Failures come with status 400 or 200; what they are stands in the code. */
function explain({ status, headers, json, text }: Answer): string | null {
  const errors = failures.safeParse(json).data?.errors;
  if (status < 400 && !errors) return null;
  const codes = errors?.map(({ extensions }) => extensions?.code) ?? [];
  const message = errors
    ? joined(
        errors.map((one) => joined([said(one.message), said(one.extensions?.userPresentableMessage ?? "")], ": ")),
        "; ",
      ).replace(/\.$/, "")
    : said(text);
  if (codes.includes("RATELIMITED")) return limited("Linear", waitOf(headers));
  if (status === 401 || codes.includes("AUTHENTICATION_ERROR"))
    return `Linear refuses LINEAR_API_KEY (${message}): it is wrong or was revoked. ${KEY.replace(/^m/, "M")}`;
  if (status === 403 || codes.includes("FORBIDDEN"))
    return `Linear does not let this key do that: ${message}. Give the key that permission, or use one of a member of the team.`;
  if (/not found/i.test(message)) return `Linear: ${message}. The identifier is wrong, or the key may not see it.`;
  if (status >= 500) return `Linear has trouble (status ${status}). Try again later.`;
  return `Linear does not accept the request: ${message}`;
}
