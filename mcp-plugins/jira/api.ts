/** Jira Cloud's REST API, version 3: requests, what its errors mean, and what is read of its answers. */
import { z } from "zod";
import { type ApiResponse, type ApiRequest, openClient, shortenMessage } from "../http/client.ts";
import { urlSetting, requireSetting, setting } from "../http/settings.ts";
import { joinParts } from "../http/text.ts";
import { nodeShape } from "./adf.ts";

const SITE = urlSetting("JIRA_URL", "");
const TOKEN_HELP =
  "make an API token at https://id.atlassian.com/manage-profile/security/api-tokens, and give it to this plugin.";

const basicCredentials = (): string =>
  Buffer.from(`${setting("JIRA_EMAIL") ?? ""}:${setting("JIRA_TOKEN") ?? ""}`).toString("base64");

export const jira = openClient({
  name: "Jira",
  base: `${SITE}/rest/api/3`,
  secrets: [setting("JIRA_TOKEN"), basicCredentials()],
  headers() {
    requireSetting("JIRA_URL", "give this plugin the address of your site, such as https://acme.atlassian.net.");
    requireSetting("JIRA_EMAIL", "give this plugin the e-mail address of the account that the token belongs to.");
    requireSetting("JIRA_TOKEN", TOKEN_HELP);
    return { authorization: `Basic ${basicCredentials()}` };
  },
  explain,
});

/** Where people look at an issue. */
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
      return `Jira refuses JIRA_EMAIL with JIRA_TOKEN (${message}): the address is of another account, or the token is wrong or has expired. ${TOKEN_HELP.replace(/^m/, "M")}`;
    case 403:
      return `Jira does not let this account do that: ${message}. Someone must give it the permission in the project.`;
    case 404:
      return `Jira has nothing at ${method} ${path} (${message}): the key is wrong, or the account may not see it.`;
    case 400:
      return `Jira does not accept the request: ${message}`;
    default:
      return status >= 500
        ? `Jira has trouble (status ${status}). Try again later.`
        : `Jira answered with status ${status}: ${message}`;
  }
}

const named = z.object({ name: z.string() });
const person = z.object({ displayName: z.string(), accountId: z.string() });
export type Person = z.output<typeof person>;
export const personShape = person;
const body = z.union([nodeShape, z.string()]).nullish();

/** Fields that a line about an issue shows; all may be absent, as projects and permissions will have it. */
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
