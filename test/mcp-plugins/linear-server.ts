/** A fake Linear with one team, and the part of its GraphQL schema that the plugin uses. */

import { type Received, type Reply, type VendorServer, vendorServer } from "./fake-vendor.ts";
import { parse, parseSchema, project, validate } from "./graphql.ts";

export const KEY = "lin_api_verysecret";
export const TEAM = "11111111-1111-4111-8111-111111111111";
export const ISSUE = "22222222-2222-4222-8222-222222222222";

const issueFields = `id: ID! identifier: String! title: String! description: String priority: Float! priorityLabel: String!
  createdAt: DateTime! updatedAt: DateTime! url: String! dueDate: TimelessDate estimate: Float branchName: String!
  state: WorkflowState! assignee: User creator: User team: Team! project: Project cycle: Cycle parent: Issue
  labels(first: Int, after: String): IssueLabelConnection! children(first: Int): IssueConnection!
  comments(first: Int, after: String): CommentConnection!`;
const editable = `title: String description: String priority: Int estimate: Int stateId: String assigneeId: String labelIds: [String!]
  projectId: String cycleId: String parentId: String dueDate: TimelessDate`;

const schema = parseSchema({
  Query: `issues(filter: IssueFilter, first: Int, after: String, orderBy: PaginationOrderBy): IssueConnection!
    searchIssues(term: String!, filter: IssueFilter, teamId: String, first: Int, after: String, includeComments: Boolean): IssueSearchPayload!
    issue(id: String!): Issue!
    teams(filter: TeamFilter, first: Int, after: String): TeamConnection!
    workflowStates(filter: WorkflowStateFilter, first: Int): WorkflowStateConnection!
    cycles(filter: CycleFilter, first: Int): CycleConnection!
    users(filter: UserFilter, first: Int): UserConnection!
    issueLabels(filter: IssueLabelFilter, first: Int): IssueLabelConnection!`,
  Mutation: `issueCreate(input: IssueCreateInput!): IssuePayload! issueUpdate(id: String!, input: IssueUpdateInput!): IssuePayload!
    commentCreate(input: CommentCreateInput!): CommentPayload!`,
  Issue: issueFields,
  IssueSearchResult: issueFields,
  IssueConnection: "nodes: [Issue!]! pageInfo: PageInfo!",
  IssueSearchPayload: "nodes: [IssueSearchResult!]! pageInfo: PageInfo! totalCount: Float!",
  PageInfo: "hasNextPage: Boolean! endCursor: String",
  Team: "id: ID! key: String! name: String! description: String",
  TeamConnection: "nodes: [Team!]! pageInfo: PageInfo!",
  WorkflowState: "id: ID! name: String! type: String! position: Float!",
  WorkflowStateConnection: "nodes: [WorkflowState!]! pageInfo: PageInfo!",
  Cycle: "id: ID! number: Float! name: String startsAt: DateTime! endsAt: DateTime! progress: Float!",
  CycleConnection: "nodes: [Cycle!]! pageInfo: PageInfo!",
  User: "id: ID! name: String! displayName: String! email: String!",
  UserConnection: "nodes: [User!]! pageInfo: PageInfo!",
  IssueLabel: "id: ID! name: String! team: Team",
  IssueLabelConnection: "nodes: [IssueLabel!]! pageInfo: PageInfo!",
  Project: "id: ID! name: String!",
  Comment: "id: ID! body: String! createdAt: DateTime! user: User url: String!",
  CommentConnection: "nodes: [Comment!]! pageInfo: PageInfo!",
  IssuePayload: "success: Boolean! issue: Issue",
  CommentPayload: "success: Boolean! comment: Comment!",
  IssueCreateInput: `${editable} teamId: String!`,
  IssueUpdateInput: editable,
  CommentCreateInput: "issueId: String body: String parentId: String",
  IssueFilter: `team: TeamFilter state: WorkflowStateFilter assignee: NullableUserFilter labels: IssueLabelCollectionFilter
    cycle: CycleFilter or: [IssueFilter!]`,
  TeamFilter: "id: IDComparator key: StringComparator name: StringComparator or: [TeamFilter!]",
  WorkflowStateFilter: "team: TeamFilter name: StringComparator type: StringComparator",
  CycleFilter: "team: TeamFilter number: NumberComparator name: StringComparator isActive: BooleanComparator",
  UserFilter:
    "isMe: BooleanComparator name: StringComparator displayName: StringComparator email: StringComparator or: [UserFilter!]",
  NullableUserFilter:
    "null: Boolean isMe: BooleanComparator name: StringComparator displayName: StringComparator email: StringComparator or: [NullableUserFilter!]",
  IssueLabelFilter: "name: StringComparator or: [IssueLabelFilter!]",
  IssueLabelCollectionFilter: "some: IssueLabelFilter",
  StringComparator: "eq: String eqIgnoreCase: String in: [String!] nin: [String!]",
  NumberComparator: "eq: Float",
  BooleanComparator: "eq: Boolean",
  IDComparator: "eq: ID",
});

const createError = (message: string, code: string, status = 400, more: Record<string, string> = {}): Reply => ({
  status,
  body: { errors: [{ message, extensions: { code, type: code.toLowerCase(), ...more } }] },
});

const createPage = (nodes: unknown[], endCursor: string | null = null) => ({
  nodes,
  pageInfo: { hasNextPage: endCursor !== null, endCursor },
  totalCount: 40,
});
const team = { id: TEAM, key: "ENG", name: "Engineering", description: "Builds it" };
const ada = { id: "u-ada", name: "Ada Lovelace", displayName: "ada", email: "ada@example.com" };
const bob = { id: "u-bob", name: "Bob", displayName: "bob", email: "bob@example.com" };
const createIssue = (number: number) => ({
  id: number === 1 ? ISSUE : `id-${number}`,
  identifier: `ENG-${number}`,
  title: `Issue ${number}`,
  description: "Why and how.",
  priorityLabel: number === 1 ? "Urgent" : "No priority",
  createdAt: "2026-01-01T10:00:00.000Z",
  updatedAt: "2026-01-02T10:00:00.000Z",
  url: `https://linear.app/acme/issue/ENG-${number}`,
  dueDate: null,
  estimate: 3,
  branchName: `ada/eng-${number}`,
  state: { name: "In Progress" },
  assignee: number === 1 ? ada : null,
  creator: bob,
  team,
  project: { name: "Rocket" },
  cycle: { number: 4, name: null },
  parent: null,
  labels: createPage([{ name: "bug" }]),
  children: createPage([{ identifier: "ENG-9", title: "Part" }]),
  comments: createPage([{ body: "Hm.", createdAt: "2026-01-03T11:12:13.000Z", user: null }], "c1"),
});

const states = [
  { id: "s-done", name: "Done", type: "completed", position: 3 },
  { id: "s-todo", name: "Todo", type: "unstarted", position: 1 },
];
const cycle = {
  id: "cy-4",
  number: 4,
  name: "Spring",
  startsAt: "2026-01-01T00:00:00Z",
  endsAt: "2026-01-14T00:00:00Z",
  progress: 0.256,
};
const labels = [
  { id: "l-other", name: "Bug", team: { id: "other" } },
  { id: "l-bug", name: "Bug", team: null },
];

type Variables = Record<string, unknown> & {
  filter?: Record<string, unknown>;
  id?: string;
  after?: string;
  term?: string;
};

/** The names anywhere in a filter. */
const namesOfFilter = (filter: unknown): string => JSON.stringify(filter ?? {});

const resolvers: Record<string, (variables: Variables) => unknown> = {
  issues: ({ after }) =>
    after === undefined ? createPage([createIssue(1), createIssue(2)], "cursor-1") : createPage([createIssue(3)]),
  searchIssues: ({ term }) =>
    createPage(
      term === "long"
        ? Array.from({ length: 25 }, (_, at) => ({ ...createIssue(at + 1), title: "word ".repeat(500) }))
        : [createIssue(1)],
    ),
  issue: ({ id }) => (id === "ENG-1" || id === ISSUE ? createIssue(1) : null),
  teams: ({ filter }) => createPage(filter === undefined || /"eng"|"ENG"/.test(namesOfFilter(filter)) ? [team] : []),
  workflowStates: ({ filter }) => createPage(namesOfFilter(filter).includes(TEAM) ? states : []),
  cycles: ({ filter }) => createPage(filter?.number && !namesOfFilter(filter).includes('"eq":4') ? [] : [cycle]),
  users: ({ filter }) =>
    createPage(
      /isMe|ada/.test(namesOfFilter(filter)) ? [ada] : namesOfFilter(filter).includes("both") ? [ada, bob] : [],
    ),
  issueLabels: ({ filter }) => createPage(namesOfFilter(filter).includes("bug") ? labels : []),
  issueCreate: () => ({ success: true, issue: createIssue(50) }),
  issueUpdate: ({ id }) => (id === ISSUE ? { success: true, issue: createIssue(1) } : null),
  commentCreate: () => ({ success: true, comment: { id: "c", url: "https://linear.app/acme/issue/ENG-1#comment-1" } }),
};

function respond({ body }: Received): Reply {
  const { query, variables = {} } = body as { query: string; variables?: Variables };
  try {
    const operation = parse(query);
    validate(schema, operation, variables);
    const [field] = operation.fields;
    const found = resolvers[field!.name]?.(variables);
    if (!found)
      return createError("Entity not found: Issue", "INPUT_ERROR", 200, {
        userPresentableMessage: "Could not find referenced Issue.",
      });
    return { body: { data: { [field!.name]: project(found, field!.fields) } } };
  } catch (error) {
    return createError((error as Error).message, "GRAPHQL_VALIDATION_FAILED");
  }
}

export const linearServer = (): Promise<VendorServer> =>
  vendorServer({
    routes: { "POST /graphql": respond },
    missing: { status: 404, body: "Not found" },
    door({ headers }) {
      // Keys of persons stand bare in the header; "Bearer" is for OAuth.
      if (headers.authorization === KEY) return null;
      return createError(
        `Authentication required, not authenticated: ${headers.authorization}`,
        "AUTHENTICATION_ERROR",
        401,
      );
    },
  });

export const createRateLimit = (at: number): Reply => ({
  ...createError("Rate limit exceeded", "RATELIMITED"),
  headers: { "x-ratelimit-requests-reset": String(at) },
});
