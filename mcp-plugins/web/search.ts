/** Searches the web through the service that the person chose, and reads its answer. One row for each kind of service. */
import { z } from "zod";
import { type ApiRequest, type Client, openClient, shortenMessage } from "../http/client.ts";
import { requireSetting, setting, urlSetting } from "../http/settings.ts";
import { toOneLine } from "../http/text.ts";

interface Result {
  title: string;
  url: string;
  text: string;
  date: string | null;
}

interface Service {
  /** Display name. */
  name: string;
  /** Null if each user has their own. */
  url: string | null;
  headers(): Record<string, string>;
  buildRequest(query: string, count: number): Omit<ApiRequest, "signal" | "path">;
  shape: z.ZodType<Result[]>;
  /** What to do about a failure, by status. */
  hints: Record<number, string>;
}

const text = z
  .string()
  .nullish()
  .transform((found) => (found ?? "").replace(/<[^>]{1,300}>/g, ""));
const date = z
  .string()
  .nullish()
  .transform((found) => found ?? null);
const requireKey = (): string =>
  requireSetting("WEB_SEARCH_KEY", "get one from the search service, and pass it to this plugin.");

const BAD_KEY = "WEB_SEARCH_KEY is invalid or expired.";

const services: Record<"searxng" | "brave" | "tavily", Service> = {
  searxng: {
    name: "SearXNG",
    url: null,
    headers: (): Record<string, string> => {
      const token = setting("WEB_SEARCH_KEY");
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    buildRequest: (q) => ({ query: { q, format: "json" } }),
    shape: z
      .object({ results: z.array(z.object({ title: text, url: z.string(), content: text, publishedDate: date })) })
      .transform(({ results }) =>
        results.map((one) => ({ title: one.title, url: one.url, text: one.content, date: one.publishedDate })),
      ),
    hints: { 403: "The instance must allow JSON: add json to search.formats in its settings.yml." },
  },
  brave: {
    name: "Brave Search",
    url: "https://api.search.brave.com/res/v1/web/search",
    headers: () => ({ "x-subscription-token": requireKey() }),
    buildRequest: (q, count) => ({ query: { q, count } }),
    shape: z
      .object({
        web: z
          .object({ results: z.array(z.object({ title: text, url: z.string(), description: text, age: date })) })
          .nullish(),
      })
      .transform(({ web }) =>
        (web?.results ?? []).map((one) => ({ title: one.title, url: one.url, text: one.description, date: one.age })),
      ),
    hints: {
      401: BAD_KEY,
      403: BAD_KEY,
      422: "Check WEB_SEARCH_KEY; the query must have fewer than 400 characters and 50 words.",
    },
  },
  tavily: {
    name: "Tavily",
    url: "https://api.tavily.com/search",
    headers: () => ({ authorization: `Bearer ${requireKey()}` }),
    buildRequest: (query, count) => ({ method: "POST", body: { query, max_results: count } }),
    shape: z
      .object({ results: z.array(z.object({ title: text, url: z.string(), content: text, published_date: date })) })
      .transform(({ results }) =>
        results.map((one) => ({ title: one.title, url: one.url, text: one.content, date: one.published_date })),
      ),
    hints: {
      401: BAD_KEY,
      432: "The plan of this key is used up.",
      433: "The pay-as-you-go limit of this key is used up.",
    },
  },
};

/** Characters of a result's summary. */
const MAX_RESULT = 600;

export async function searchWeb(query: string, count: number, signal: AbortSignal): Promise<string> {
  const { service, client } = openService();
  const response = await client.send({ ...service.buildRequest(query, count), path: "", signal });
  const results = client.read(service.shape, response).slice(0, count);
  if (results.length === 0) return `${service.name} found nothing for: ${query}. Try other or fewer words.`;
  const entries = results.map(({ title, url, text: about, date: published }, index) =>
    `${index + 1}. ${toOneLine(title)}\n   ${url}${published ? ` (${published})` : ""}\n   ${toOneLine(about, MAX_RESULT)}`.trimEnd(),
  );
  return entries.join("\n");
}

function openService(): { service: Service; client: Client } {
  const kind = setting("WEB_SEARCH_KIND") ?? "searxng";
  if (!Object.hasOwn(services, kind))
    throw new Error(`WEB_SEARCH_KIND is "${kind}"; it must be ${Object.keys(services).join(", ")}.`);
  const service = services[kind as keyof typeof services];
  const { name, url, headers, hints } = service;
  const base =
    url === null
      ? requireSetting(
          "WEB_SEARCH_URL",
          "pass the URL of a SearXNG search to this plugin, such as https://searx.example.com/search, or set WEB_SEARCH_KIND to brave or tavily and WEB_SEARCH_KEY.",
        )
      : urlSetting("WEB_SEARCH_URL", url);
  const client = openClient({
    name,
    base,
    headers,
    secrets: [setting("WEB_SEARCH_KEY")],
    explain: ({ status, text: body }) =>
      status < 400
        ? null
        : `${name} responded with status ${status}: ${shortenMessage(body)} ${hints[status] ?? ""}`.trimEnd(),
  });
  return { service, client };
}
