/** All GraphQL requests, each with the shape of its data. */
import { z } from "zod";
import type { Document } from "./api.ts";

const document = <S extends z.ZodType>(text: string, data: S): Document<S> => ({ text, data });
const nodes = <S extends z.ZodType>(node: S) => z.object({ nodes: z.array(node) });
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
export type PageInfo = z.output<typeof pageInfo>;
const connection = <S extends z.ZodType>(node: S) => z.object({ nodes: z.array(node), pageInfo });

const named = z.object({ name: z.string() });
const person = z.object({ displayName: z.string() });

const issue = z.object({
  identifier: z.string(),
  title: z.string(),
  priorityLabel: z.string(),
  updatedAt: z.string(),
  state: named,
  assignee: person.nullable(),
  labels: nodes(named),
});
export type Issue = z.output<typeof issue>;

export const listIssues = document(
  `query ListIssues($filter: IssueFilter, $first: Int, $after: String) {
    issues(filter: $filter, first: $first, after: $after, orderBy: updatedAt) {
      nodes {
        identifier title priorityLabel updatedAt
        state { name }
        assignee { displayName }
        labels(first: 10) { nodes { name } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  z.object({ issues: connection(issue) }),
);

export const searchIssues = document(
  `query SearchIssues($term: String!, $filter: IssueFilter, $first: Int, $after: String) {
    searchIssues(term: $term, filter: $filter, first: $first, after: $after, includeComments: true) {
      nodes {
        identifier title priorityLabel updatedAt
        state { name }
        assignee { displayName }
        labels(first: 10) { nodes { name } }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }`,
  z.object({ searchIssues: connection(issue).extend({ totalCount: z.number() }) }),
);

const related = z.object({ identifier: z.string(), title: z.string() });

export const readIssue = document(
  `query ReadIssue($id: String!, $first: Int, $after: String) {
    issue(id: $id) {
      identifier title priorityLabel updatedAt createdAt url description dueDate estimate branchName
      state { name }
      assignee { displayName }
      creator { displayName }
      labels(first: 20) { nodes { name } }
      team { key name }
      project { name }
      cycle { number name }
      parent { identifier title }
      children(first: 30) { nodes { identifier title } }
      comments(first: $first, after: $after) {
        nodes { body createdAt user { displayName } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }`,
  z.object({
    issue: issue.extend({
      createdAt: z.string(),
      url: z.string(),
      description: z.string().nullable(),
      dueDate: z.string().nullable(),
      estimate: z.number().nullable(),
      branchName: z.string(),
      creator: person.nullable(),
      team: z.object({ key: z.string(), name: z.string() }),
      project: named.nullable(),
      cycle: z.object({ number: z.number(), name: z.string().nullable() }).nullable(),
      parent: related.nullable(),
      children: nodes(related),
      comments: connection(z.object({ body: z.string(), createdAt: z.string(), user: person.nullable() })),
    }),
  }),
);

export const findIssue = document(
  `query FindIssue($id: String!) {
    issue(id: $id) { id identifier team { id key } }
  }`,
  z.object({
    issue: z.object({ id: z.string(), identifier: z.string(), team: z.object({ id: z.string(), key: z.string() }) }),
  }),
);

const mutationResult = z.object({
  success: z.boolean(),
  issue: z.object({ identifier: z.string(), url: z.string() }).nullable(),
});

export const createIssue = document(
  `mutation CreateIssue($input: IssueCreateInput!) {
    issueCreate(input: $input) { success issue { identifier url } }
  }`,
  z.object({ issueCreate: mutationResult }),
);

export const updateIssue = document(
  `mutation UpdateIssue($id: String!, $input: IssueUpdateInput!) {
    issueUpdate(id: $id, input: $input) { success issue { identifier url } }
  }`,
  z.object({ issueUpdate: mutationResult }),
);

export const createComment = document(
  `mutation CreateComment($input: CommentCreateInput!) {
    commentCreate(input: $input) { success comment { url } }
  }`,
  z.object({ commentCreate: z.object({ success: z.boolean(), comment: z.object({ url: z.string() }) }) }),
);

export const teams = document(
  `query Teams($filter: TeamFilter, $first: Int, $after: String) {
    teams(filter: $filter, first: $first, after: $after) {
      nodes { id key name description }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  z.object({
    teams: connection(
      z.object({ id: z.string(), key: z.string(), name: z.string(), description: z.string().nullable() }),
    ),
  }),
);

export const states = document(
  `query States($filter: WorkflowStateFilter, $first: Int) {
    workflowStates(filter: $filter, first: $first) { nodes { id name type position } }
  }`,
  z.object({
    workflowStates: nodes(z.object({ id: z.string(), name: z.string(), type: z.string(), position: z.number() })),
  }),
);

export const cycles = document(
  `query Cycles($filter: CycleFilter, $first: Int) {
    cycles(filter: $filter, first: $first) { nodes { id number name startsAt endsAt progress } }
  }`,
  z.object({
    cycles: nodes(
      z.object({
        id: z.string(),
        number: z.number(),
        name: z.string().nullable(),
        startsAt: z.string(),
        endsAt: z.string(),
        progress: z.number(),
      }),
    ),
  }),
);

export const users = document(
  `query Users($filter: UserFilter, $first: Int) {
    users(filter: $filter, first: $first) { nodes { id name displayName email } }
  }`,
  z.object({
    users: nodes(z.object({ id: z.string(), name: z.string(), displayName: z.string(), email: z.string() })),
  }),
);

export const labels = document(
  `query Labels($filter: IssueLabelFilter, $first: Int) {
    issueLabels(filter: $filter, first: $first) { nodes { id name team { id } } }
  }`,
  z.object({
    issueLabels: nodes(z.object({ id: z.string(), name: z.string(), team: z.object({ id: z.string() }).nullable() })),
  }),
);
