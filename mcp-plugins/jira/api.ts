/** Jira Cloud's REST API, version 3: requests, errors and the shapes of responses. */
import { z } from "zod";
import { type ApiRequest, type ApiResponse, openClient, shortenMessage } from "../http/client.ts";
import { requireSetting, setting, urlSetting } from "../http/settings.ts";
import { joinParts } from "../http/text.ts";
import { nodeShape } from "./adf.ts";

const SITE = urlSetting("JIRA_URL", "");
const TOKEN_HELP =
  "create an API token at https://id.atlassian.com/manage-profile/security/api-tokens, and pass it to this plugin.";

const basicCredentials = (): string =>
  Buffer.from(`${setting("JIRA_EMAIL") ?? ""}:${setting("JIRA_TOKEN") ?? ""}`).toString("base64");

export const jira = openClient({
  name: "Jira",
  base: `${SITE}/rest/api/3`,
  secrets: [setting("JIRA_TOKEN"), basicCredentials()],
  headers() {
    requireSetting("JIRA_URL", "pass the URL of your site to this plugin, such as https://acme.atlassian.net.");
    requireSetting("JIRA_EMAIL", "pass the e-mail address of the account of the token to this plugin.");
    requireSetting("JIRA_TOKEN", TOKEN_HELP);
    return { authorization: `Basic ${basicCredentials()}` };
  },
  explain,
});

/** The web page of an issue. */
export const issueUrl = (key: string): string => `${SITE}/browse/${key}`;

const errorShape = z
  .object({ errorMessages: z.array(z.string()), errors: z.record(z.string(), z.string()), message: z.string() })
  .partial();

function explain({ status, json, text }: ApiResponse, { method = "GET", path }: ApiRequest): string | null {
  if (status < 400) return null;
  const { data } = errorShape.safeParse(json);
  const fields = Object.entries(data?.errors ?? {}).map(([field, problem]) => `${field}: ${problem}`);
  const message = shortenMessage(joinParts([...(data?.errorMessages ?? []), ...fields, data?.message], "; ") || text);
  switch (status) {
    case 401:
      return `Jira rejected JIRA_EMAIL with JIRA_TOKEN (${message}): the e-mail address belongs to another account, or the token is invalid or expired. ${TOKEN_HELP.replace(/^c/, "C")}`;
    case 403:
      return `Jira denied the request: ${message}. The account needs this permission in the project.`;
    case 404:
      return `Jira found nothing at ${method} ${path} (${message}): the key is wrong, or the account has no access.`;
    case 400:
      return `Jira rejected the request: ${message}`;
    default:
      return status >= 500
        ? `Jira failed (status ${status}). Try again later.`
        : `Jira responded with status ${status}: ${message}`;
  }
}

const named = z.object({ name: z.string() });
const person = z.object({ displayName: z.string(), accountId: z.string() });
export type Person = z.output<typeof person>;
export const personShape = person;
const body = z.union([nodeShape, z.string()]).nullish();

/** The fields of an issue in a list; most may be absent, depending on project and permissions. */
const short = z.object({
  summary: z.string(),
  status: named.nullish(),
  issuetype: named.nullish(),
  priority: named.nullish(),
  assignee: person.nullish(),
  labels: z.array(z.string()).nullish(),
  updated: z.string().nullish(),
});
export const shortFields = Object.keys(short.shape);
export const searchResultShape = z.object({
  issues: z.array(z.object({ key: z.string(), fields: short })),
  nextPageToken: z.string().nullish(),
});
export type FoundIssue = z.output<typeof searchResultShape>["issues"][number];

const related = z.object({
  key: z.string(),
  fields: z.object({ summary: z.string(), status: named.nullish() }).nullish(),
});
const long = short.extend({
  created: z.string().nullish(),
  reporter: person.nullish(),
  description: body,
  resolution: named.nullish(),
  duedate: z.string().nullish(),
  components: z.array(named).nullish(),
  fixVersions: z.array(named).nullish(),
  parent: related.nullish(),
  subtasks: z.array(related).nullish(),
  issuelinks: z
    .array(
      z.object({
        type: z.object({ inward: z.string(), outward: z.string() }),
        inwardIssue: related.nullish(),
        outwardIssue: related.nullish(),
      }),
    )
    .nullish(),
});
export const longFields = Object.keys(long.shape);
export const issueShape = z.object({ key: z.string(), fields: long });
export type Issue = z.output<typeof issueShape>;
export type Related = z.output<typeof related>;

export const commentShape = z.object({ id: z.string(), author: person.nullish(), body, created: z.string() });
export const commentsShape = z.object({ comments: z.array(commentShape), startAt: z.number(), total: z.number() });

export const transitionsShape = z.object({
  transitions: z.array(z.object({ id: z.string(), name: z.string(), to: named })),
});
