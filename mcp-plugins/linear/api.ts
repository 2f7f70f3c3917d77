/** Linear's GraphQL API: constant documents with variables, and errors. */
import { z } from "zod";
import { type ApiResponse, describeRateLimit, openClient, shortenMessage } from "../http/client.ts";
import { requireSetting, setting, urlSetting } from "../http/settings.ts";
import { joinParts } from "../http/text.ts";
import { describeWait } from "../http/wait.ts";

const KEY_HELP = "create a personal API key in Linear under Settings, Security & access, and pass it to this plugin.";

const linear = openClient({
  name: "Linear",
  base: urlSetting("LINEAR_API_URL", "https://api.linear.app/graphql"),
  secrets: [setting("LINEAR_API_KEY")],
  headers: () => ({ authorization: requireSetting("LINEAR_API_KEY", KEY_HELP) }),
  explain,
});

/** A GraphQL document with the shape of its data. */
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

/** Failures have status 400 or 200; the code identifies them. */
function explain({ status, headers, json, text }: ApiResponse): string | null {
  const errors = errorsShape.safeParse(json).data?.errors;
  if (status < 400 && !errors) return null;
  const codes = errors?.map(({ extensions }) => extensions?.code) ?? [];
  const message = errors
    ? joinParts(
        errors.map((one) =>
          joinParts([shortenMessage(one.message), shortenMessage(one.extensions?.userPresentableMessage ?? "")], ": "),
        ),
        "; ",
      ).replace(/\.$/, "")
    : shortenMessage(text);
  if (codes.includes("RATELIMITED")) return describeRateLimit("Linear", describeWait(headers));
  if (status === 401 || codes.includes("AUTHENTICATION_ERROR"))
    return `Linear rejected LINEAR_API_KEY (${message}): it is invalid or revoked. ${KEY_HELP.replace(/^c/, "C")}`;
  if (status === 403 || codes.includes("FORBIDDEN"))
    return `Linear denied the request: ${message}. Give the key this permission, or use the key of a team member.`;
  if (/not found/i.test(message)) return `Linear: ${message}. The identifier is wrong, or the key has no access.`;
  if (status >= 500) return `Linear failed (status ${status}). Try again later.`;
  return `Linear rejected the request: ${message}`;
}
