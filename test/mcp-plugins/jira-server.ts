/** A fake Jira Cloud with one project, and the rules of its REST API. */
import { checkDocument } from "./adf-rules.ts";
import { type Received, type Reply, type Route, unknownKeys, type VendorServer, vendorServer } from "./fake-vendor.ts";

export const EMAIL = "ada@example.com";
export const TOKEN = "ATATT-verysecret";
const API = "/rest/api/3";

const validationError = (errors: Record<string, string>, ...errorMessages: string[]): Reply => ({
  status: 400,
  body: { errorMessages, errors },
});
const missing: Reply = {
  status: 404,
  body: { errorMessages: ["Issue does not exist or you do not have permission to see it."], errors: {} },
};

const ada = { accountId: "5b10a2844c20165700ede21g", displayName: "Ada Lovelace", active: true };
const bob = { accountId: "5b10a2844c20165700ede22h", displayName: "Bob", active: true };
const createText = (words: string, ...marks: string[]) => ({
  type: "text",
  text: words,
  ...(marks.length > 0 && { marks: marks.map((type) => ({ type })) }),
});
const createParagraph = (...content: unknown[]) => ({ type: "paragraph", content });

/** A description with every supported kind of content. */
export const description = {
  type: "doc",
  version: 1,
  content: [
    { type: "heading", attrs: { level: 2 }, content: [createText("Steps")] },
    createParagraph(
      createText("It is "),
      createText("bold ", "strong"),
      createText("and "),
      createText("code", "code"),
      { type: "hardBreak" },
      { type: "mention", attrs: { id: "x", text: "@Bob" } },
    ),
    {
      type: "orderedList",
      attrs: { order: 1 },
      content: [
        {
          type: "listItem",
          content: [
            createParagraph(createText("one")),
            { type: "bulletList", content: [{ type: "listItem", content: [createParagraph(createText("deep"))] }] },
          ],
        },
        { type: "listItem", content: [createParagraph(createText("two"))] },
      ],
    },
    { type: "codeBlock", attrs: { language: "js" }, content: [createText("a = 1;")] },
    { type: "panel", attrs: { panelType: "info" }, content: [createParagraph(createText("Careful"))] },
    {
      type: "taskList",
      attrs: { localId: "1" },
      content: [{ type: "taskItem", attrs: { localId: "2", state: "DONE" }, content: [createText("done")] }],
    },
    { type: "mediaSingle", content: [{ type: "media", attrs: { id: "m", type: "file", alt: "shot.png" } }] },
    {
      type: "table",
      content: [
        {
          type: "tableRow",
          content: [
            { type: "tableHeader", content: [createParagraph(createText("k"))] },
            { type: "tableHeader", content: [createParagraph(createText("v"))] },
          ],
        },
        {
          type: "tableRow",
          content: [
            { type: "tableCell", content: [createParagraph(createText("a"))] },
            { type: "tableCell", content: [createParagraph(createText("1"))] },
          ],
        },
      ],
    },
    { type: "extension", attrs: { extensionKey: "unknown" }, content: [createParagraph(createText("inside"))] },
  ],
};

const allFields = (number: number): Record<string, unknown> => ({
  summary: `Summary ${number}`,
  status: { name: "To Do" },
  issuetype: { name: "Bug" },
  priority: { name: "High" },
  assignee: number % 2 === 1 ? ada : null,
  labels: ["ui"],
  updated: "2026-01-02T10:00:00.000+0000",
  created: "2026-01-01T10:00:00.000+0000",
  reporter: bob,
  description,
  resolution: null,
  duedate: "2026-04-01",
  components: [{ name: "core" }],
  fixVersions: [],
  parent: { key: "PROJ-9", fields: { summary: "Epic", status: { name: "Open" } } },
  subtasks: [],
  issuelinks: [
    {
      type: { inward: "is blocked by", outward: "blocks" },
      outwardIssue: { key: "PROJ-8", fields: { summary: "Other", status: { name: "Done" } } },
    },
  ],
});
const fieldNames = [...Object.keys(allFields(1)), "project"];
const selectFields = (number: number, fields: string[]) => ({
  id: String(number),
  key: `PROJ-${number}`,
  fields: Object.fromEntries(Object.entries(allFields(number)).filter(([name]) => fields.includes(name))),
});

function search({ body }: Received): Reply {
  const {
    jql,
    maxResults,
    fields = ["id"],
    nextPageToken,
  } = body as { jql: string; maxResults: number; fields?: string[]; nextPageToken?: string };
  const unknown = unknownKeys(body, [
    "jql",
    "maxResults",
    "fields",
    "nextPageToken",
    "expand",
    "properties",
    "fieldsByKeys",
    "failFast",
  ]);
  if (unknown.length > 0) return validationError({}, `Invalid request payload. Unknown ${unknown.join()}`);
  if (!/[=~<>]/.test(jql))
    return validationError(
      {},
      "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
    );
  if (maxResults > 5_000) return validationError({}, "maxResults");
  if (nextPageToken !== undefined && nextPageToken !== "token-2")
    return validationError({}, "The provided next page token is not valid.");
  if (jql.includes("nothing")) return { body: { issues: [], isLast: true } };
  return nextPageToken === undefined
    ? { body: { issues: [selectFields(1, fields), selectFields(2, fields)], nextPageToken: "token-2" } }
    : { body: { issues: [selectFields(3, fields)], isLast: true } };
}

function create({ body }: Received): Reply {
  const { fields = {} } = body as { fields?: Record<string, unknown> };
  const unknown = unknownKeys(fields, [...fieldNames, "customfield_10010"]);
  if (unknown.length > 0 || unknownKeys(body, ["fields", "update"]).length > 0)
    return validationError(
      Object.fromEntries(
        unknown.map((name) => [
          name,
          `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`,
        ]),
      ),
    );
  if ((fields.project as { key?: string })?.key !== "PROJ")
    return validationError({ project: "valid project is required" });
  if (!["Task", "Bug"].includes((fields.issuetype as { name: string }).name))
    return validationError({ issuetype: "Specify a valid issue type" });
  if (typeof fields.summary !== "string" || fields.summary.includes("\n"))
    return validationError({ summary: "The summary is invalid because it contains newline characters." });
  if (fields.description !== undefined && checkDocument(fields.description) !== null)
    return validationError({
      description: `Operation value must be an Atlassian Document: ${checkDocument(fields.description)}`,
    });
  return { status: 201, body: { id: "10", key: "PROJ-10", self: "https://acme/rest/api/3/issue/10" } };
}

function comment({ body, params }: Received): Reply {
  const document = (body as { body: unknown }).body;
  if (params.key !== "PROJ-1") return missing;
  if (unknownKeys(body, ["body", "visibility"]).length > 0) return validationError({}, "unknown");
  if (checkDocument(document) !== null)
    return validationError({ comment: `Comment body is not valid! ${checkDocument(document)}` });
  return { status: 201, body: { id: "700", author: ada, body: document, created: "2026-01-03T10:00:00.000+0000" } };
}

const transitions = [
  { id: "11", name: "Start", to: { name: "In Progress" } },
  { id: "21", name: "Done", to: { name: "Done" } },
];
const comments = Array.from({ length: 60 }, (_, index) => ({
  id: String(index),
  author: bob,
  body: { type: "doc", version: 1, content: [createParagraph(createText(`Comment ${index} ${"long ".repeat(400)}`))] },
  created: "2026-01-03T11:12:13.000+0000",
}));

const ofIssue =
  (route: Route): Route =>
  (received) =>
    received.params.key === "PROJ-1" ? route(received) : missing;

const routes: Record<string, Route> = {
  [`POST ${API}/search/jql`]: search,
  [`GET ${API}/issue/:key`]: ofIssue(({ query }) => ({
    body: selectFields(1, query.fields?.split(",") ?? fieldNames),
  })),
  [`GET ${API}/issue/:key/comment`]: ofIssue(({ query }) => {
    const startAt = Number(query.startAt);
    const maxResults = Math.min(Number(query.maxResults), 100);
    return {
      body: { startAt, maxResults, total: comments.length, comments: comments.slice(startAt, startAt + maxResults) },
    };
  }),
  [`POST ${API}/issue`]: create,
  [`POST ${API}/issue/:key/comment`]: comment,
  [`GET ${API}/issue/:key/transitions`]: ofIssue(() => ({ body: { transitions } })),
  [`POST ${API}/issue/:key/transitions`]: ofIssue(({ body }) =>
    transitions.some(({ id }) => id === (body as { transition: { id: string } }).transition?.id)
      ? { status: 204 }
      : validationError({}, "It seems that you have tried to perform an illegal workflow operation."),
  ),
  [`PUT ${API}/issue/:key/assignee`]: ofIssue(({ body }) =>
    unknownKeys(body, ["accountId"]).length === 0 &&
    [null, ada.accountId, bob.accountId].includes((body as { accountId: string }).accountId)
      ? { status: 204 }
      : validationError({ assignee: "User does not exist." }),
  ),
  [`GET ${API}/myself`]: () => ({ body: { ...ada, emailAddress: EMAIL } }),
  [`GET ${API}/user/assignable/search`]: ({ query }) => {
    if (!query.issueKey && !query.project) return validationError({}, "Either a project or an issue must be given.");
    return {
      body: [ada, bob].filter(
        ({ displayName }) =>
          query.query === "b" || displayName.toLowerCase().includes((query.query ?? "").toLowerCase()),
      ),
    };
  },
};

export const jiraServer = (): Promise<VendorServer> =>
  vendorServer({
    routes,
    missing: { status: 404, body: "<html>Not found</html>" },
    door({ headers }) {
      const wanted = `Basic ${Buffer.from(`${EMAIL}:${TOKEN}`).toString("base64")}`;
      return headers.authorization === wanted
        ? null
        : {
            status: 401,
            headers: { "content-type": "text/plain" },
            body: `Client must be authenticated, not with ${headers.authorization}`,
          };
    },
  });
