/** Notion's REST API: requests, errors and the shapes of responses. */
import { z } from "zod";
import { type ApiResponse, openClient, shortenMessage } from "../http/client.ts";
import { requireSetting, setting, urlSetting } from "../http/settings.ts";

const TOKEN_HELP =
  "create an integration at https://www.notion.so/profile/integrations, pass its token to this plugin, and connect it to the pages it needs.";

export const notion = openClient({
  name: "Notion",
  base: urlSetting("NOTION_API_URL", "https://api.notion.com/v1"),
  secrets: [setting("NOTION_TOKEN")],
  headers: () => ({
    authorization: `Bearer ${requireSetting("NOTION_TOKEN", TOKEN_HELP)}`,
    "notion-version": "2022-06-28",
  }),
  explain,
});

const errorShape = z.object({ code: z.string(), message: z.string() });

function explain({ status, json, text }: ApiResponse): string | null {
  if (status < 400) return null;
  const { data } = errorShape.safeParse(json);
  const message = shortenMessage(data?.message ?? text).replace(/\.$/, "");
  switch (status) {
    case 401:
      return `Notion rejected NOTION_TOKEN (${message}): it is invalid or revoked. ${TOKEN_HELP.replace(/^c/, "C")}`;
    case 403:
      return `Notion denied the request: ${message}. Give the integration this capability in its settings.`;
    case 404:
      return `Notion found nothing: ${message}. The ID is wrong, or the page is not connected to the integration: open it in Notion, then •••, Connections.`;
    case 400:
      return `Notion rejected the request: ${message}`;
    case 409:
      return `Notion: ${message}. Someone else changed it at the same time; try again.`;
    default:
      return status >= 500
        ? `Notion failed (status ${status}). Try again later.`
        : `Notion responded with status ${status}: ${message}`;
  }
}

const ID = /(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])/gi;

/** An ID in the form of the API or of URLs, or a whole URL, of which the last ID is used. */
export const idField = z
  .string()
  .refine((text) => findId(text) !== undefined, "must contain the ID of a page or database, 32 hexadecimal digits")
  .transform((text) => findId(text) ?? text)
  .describe("ID or URL");

const findId = (text: string): string | undefined => text.split(/[?#]/)[0]?.match(ID)?.at(-1);

export const richShape = z.array(
  z.object({
    plain_text: z.string(),
    href: z.string().nullish(),
    annotations: z
      .object({ bold: z.boolean(), italic: z.boolean(), strikethrough: z.boolean(), code: z.boolean() })
      .partial()
      .optional(),
  }),
);
export type Rich = z.output<typeof richShape>;

/** A value of any type; its content is under the name of the type. */
const property = z.looseObject({ type: z.string() });
export type Property = z.output<typeof property>;

const parent = z.looseObject({ type: z.string().optional() });
export const pageShape = z.object({
  object: z.literal("page"),
  id: z.string(),
  url: z.string(),
  last_edited_time: z.string(),
  archived: z.boolean().optional(),
  parent,
  properties: z.record(z.string(), property),
});
export type Page = z.output<typeof pageShape>;

export const databaseShape = z.object({
  object: z.literal("database"),
  id: z.string(),
  url: z.string(),
  last_edited_time: z.string(),
  title: richShape,
  properties: z.record(z.string(), property),
});
export type Database = z.output<typeof databaseShape>;

export const listShape = <S extends z.ZodType>(item: S) =>
  z.object({ results: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });

export const formatMore = ({ has_more, next_cursor }: { has_more: boolean; next_cursor: string | null }): string =>
  has_more && next_cursor !== null ? `\nThere is more: after "${next_cursor}".` : "";
