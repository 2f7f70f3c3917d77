/** Linear's GraphQL API: constant documents with variables, and what its errors mean. */
import { z } from "zod";
import { type ApiResponse, describeRateLimit, openClient, shortenMessage } from "../http/client.ts";
import { urlSetting, requireSetting, setting } from "../http/settings.ts";
import { joinParts } from "../http/text.ts";
import { describeWait } from "../http/wait.ts";

const KEY_HELP = "make a personal API key in Linear under Settings, Security & access, and give it to this plugin.";

const linear = openClient({
  name: "Linear",
  base: urlSetting("LINEAR_API_URL", "https://api.linear.app/graphql"),
  secrets: [setting("LINEAR_API_KEY")],
  headers: () => ({ authorization: requireSetting("LINEAR_API_KEY", KEY_HELP) }),
  explain,
});

/** A GraphQL document with what it answers. */
export interface Document<S extends z.ZodType> {
  text: string;
  data: S;
}

export async function sendQuery<S extends z.ZodType>(
  { text, data }: Document<S>,
  variables: Record<string, unknown>,
  signal: AbortSignal,
): Promise<z.output<S>> {
  const body = { query: text, variables };
  const response = await linear.get(z.object({ data }), { method: "POST", path: "", body, signal });
  return (response as { data: z.output<S> }).data;
}

const errorsShape = z.object({
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
function explain({ status, headers, json, text }: ApiResponse): string | null {
  const errors = errorsShape.safeParse(json).data?.errors;
  if (status < 400 && !errors) return null;
  const codes = errors?.map(({ extensions }) => extensions?.code) ?? [];
  const message = errors
    ? joinParts(
        errors.map((one) => joinParts([shortenMessage(one.message), shortenMessage(one.extensions?.userPresentableMessage ?? "")], ": ")),
        "; ",
      ).replace(/\.$/, "")
    : shortenMessage(text);
  if (codes.includes("RATELIMITED")) return describeRateLimit("Linear", describeWait(headers));
  if (status === 401 || codes.includes("AUTHENTICATION_ERROR"))
    return `Linear refuses LINEAR_API_KEY (${message}): it is wrong or was revoked. ${KEY_HELP.replace(/^m/, "M")}`;
  if (status === 403 || codes.includes("FORBIDDEN"))
    return `Linear does not let this key do that: ${message}. Give the key that permission, or use one of a member of the team.`;
  if (/not found/i.test(message)) return `Linear: ${message}. The identifier is wrong, or the key may not see it.`;
  if (status >= 500) return `Linear has trouble (status ${status}). Try again later.`;
  return `Linear does not accept the request: ${message}`;
}
