/** Notion's REST API: requests, what its errors mean, and what is read of its answers. */
import { z } from "zod";
import { type ApiResponse, openClient, shortenMessage } from "../http/client.ts";
import { urlSetting, requireSetting, setting } from "../http/settings.ts";

const TOKEN_HELP =
  "make an integration at https://www.notion.so/profile/integrations, give its token to this plugin, and connect it to the pages it may see.";

export const notion = openClient({
  name: "Notion",
  base: urlSetting("NOTION_API_URL", "https://api.notion.com/v1"),
  secrets: [setting("NOTION_TOKEN")],
  headers: () => ({ authorization: `Bearer ${requireSetting("NOTION_TOKEN", TOKEN_HELP)}`, "notion-version": "2022-06-28" }),
  explain,
});

const errorShape = z.object({ code: z.string(), message: z.string() });

function explain({ status, json, text }: ApiResponse): string | null {
  if (status < 400) return null;
  const { data } = errorShape.safeParse(json);
  const message = shortenMessage(data?.message ?? text).replace(/\.$/, "");
  switch (status) {
    case 401:
      return `Notion refuses NOTION_TOKEN (${message}): it is wrong or was revoked. ${TOKEN_HELP.replace(/^m/, "M")}`;
    case 403:
      return `Notion does not let this integration do that: ${message}. Give it the capability in its settings.`;
    case 404:
      return `Notion has nothing there: ${message}. The id is wrong, or the page is not shared with the integration: in Notion open it, then •••, Connections.`;
    case 400:
      return `Notion does not accept the request: ${message}`;
    case 409:
      return `Notion: ${message}. Someone changed the same; try again.`;
    default:
      return status >= 500
        ? `Notion has trouble (status ${status}). Try again later.`
        : `Notion answered with status ${status}: ${message}`;
  }
}

const ID = /(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?![0-9a-f])/gi;

/** As the API gives ids, as they stand in addresses, or a whole address: there the last one is meant. */
export const idField = z
  .string()
  .refine((text) => findId(text) !== undefined, "must hold the id of a page or database, 32 hexadecimal digits")
  .transform((text) => findId(text) ?? text)
  .describe("Id or address");

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

/** A value of any kind; what is in it stands under the name of its type. */
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
