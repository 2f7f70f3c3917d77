/** `tutti review`: reviews a change and prints the findings. It runs `/review` in plan mode, so nothing is changed or run. */
import {
  countFindings,
  type Finding,
  type FindingSeverity,
  type Findings,
  findingSeverities,
  findingsSchema,
  formatFinding,
  hasFinding,
  locateFindings,
  parseFindings,
} from "../client/findings.ts";
import {
  createReviewRequest,
  describeBase,
  describeNothing,
  diffBudget,
  findContext,
  formatOmitted,
  type ReviewRequest,
} from "../client/review.ts";
import type { Link } from "../protocol/link.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { ReviewTarget } from "../protocol/review-methods.ts";
import type { Tier } from "../protocol/settings.ts";
import { parsePositive, usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { formatLine, toResult } from "./print/json.ts";
import type { RunResult } from "./print/printer.ts";
import { sanitize, textPrinter } from "./print/text.ts";
import { createSchema, type Schema } from "./result-schema.ts";
import { modelFromFlags, run, runInSession } from "./run.ts";

/** Flags of `tutti run` that choose the model, the limits and the server. */
const sharedFlags = new Set(
  "model provider agent tier effort base-url api-key-env max-turns max-cost timeout ephemeral no-project attach token-file trust record replay".split(
    " ",
  ),
);

/** The exit code where a finding is as severe as `--fail-on` says. */
const EXIT_FINDINGS = 9;

export const review: Command = {
  name: "review",
  operands: "",
  purpose: "Review a change, and print the findings. Nothing is changed and no command is run.",
  flags: [
    { name: "uncommitted", purpose: "Review uncommitted changes: staged, unstaged and untracked (default)" },
    { name: "base", value: "BRANCH", purpose: "Review what this branch changes compared with BRANCH" },
    { name: "commit", value: "COMMIT", purpose: "Review one commit" },
    { name: "pr", value: "NUMBER", purpose: "Review a pull request; requires the program gh" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format (default: text)" },
    {
      name: "fail-on",
      value: "SEVERITY",
      choices: findingSeverities,
      purpose: `Exit with code ${EXIT_FINDINGS} if a finding is at least this severe`,
    },
    ...run.flags.filter(({ name }) => sharedFlags.has(name)),
  ],
  examples: ["tutti review", "tutti review --base main --format json --fail-on error"],
  run: runReview,
};

const form = createSchema(findingsSchema, "The response is not a list of findings", (text) => {
  const findings = parseFindings(text);
  return "problem" in findings ? findings : { value: findings };
});

/** A denied command, such as `git log`, does not make a review fail that has findings. */
const findingsForm: Schema = {
  schema: form.schema,
  enforce: (ended, again) =>
    form.enforce(
      ended.failure?.code === "refused" && ended.text !== "" ? { ...ended, failure: null, exitCode: 0 } : ended,
      again,
    ),
};

interface Reviewed {
  change: ResultOf<"reviewDiff">;
  /** Null if there is nothing to review. */
  request: ReviewRequest | null;
}

async function runReview(input: CommandInput): Promise<number> {
  if (input.positionals.length > 0)
    throw usageError(`Unexpected argument ${input.positionals[0]}. Use --base BRANCH, --commit COMMIT or --pr NUMBER.`);
  const { terminal, cwd } = input;
  const target = targetFromFlags(input);
  const failOn = input.text("fail-on") as FindingSeverity | undefined;
  let link: Link;
  let reviewed: Reviewed;
  let failsOnFinding = false;

  const code = await runInSession(input, {
    schema: findingsForm,
    settings: { mode: "plan" },
    printer: {
      // The response is JSON, which is not shown as it arrives.
      event: textPrinter({ ...terminal, stdoutIsTerminal: false }).event,
      async end(result) {
        const parsed = result.failure ? null : (JSON.parse(result.text) as Findings);
        const findings = await locate(link, { cwd, target }, reviewed.change, parsed?.findings ?? []);
        failsOnFinding = failOn !== undefined && hasFinding(findings, failOn);
        printReview(input, reviewed, { findings, summary: parsed?.summary ?? "" }, result);
      },
    },
    async prompt(opened, session) {
      link = opened;
      reviewed = await readChange(input, link, target).catch(async (error: unknown) => {
        await link.call("sessionDelete", { session }).catch(() => undefined);
        throw error;
      });
      if (!reviewed.request) printReview(input, reviewed, { findings: [], summary: "" }, null);
      return reviewed.request;
    },
  });
  return code === 0 && failsOnFinding ? EXIT_FINDINGS : code;
}

function targetFromFlags(input: CommandInput): ReviewTarget {
  const [base, commit, number] = [
    input.text("base"),
    input.text("commit"),
    parsePositive("--pr", input.text("pr"), true),
  ];
  const targets: ReviewTarget[] = [
    ...(input.isSet("uncommitted") ? [{ kind: "uncommitted" } as const] : []),
    ...(base === undefined ? [] : [{ kind: "branch", name: base } as const]),
    ...(commit === undefined ? [] : [{ kind: "commit", name: commit } as const]),
    ...(number === undefined ? [] : [{ kind: "pullRequest", number } as const]),
  ];
  if (targets.length > 1) throw usageError("Use only one of --uncommitted, --base, --commit and --pr.");
  return targets[0] ?? { kind: "uncommitted" };
}

async function readChange(input: CommandInput, link: Link, target: ReviewTarget): Promise<Reviewed> {
  const change = await link.call("reviewDiff", { cwd: input.cwd, target });
  if (change.files.length === 0) return { change, request: null };
  const [agent, tier, model] = [input.text("agent"), input.text("tier") as Tier | undefined, modelFromFlags(input)];
  const context =
    input.text("base-url") === undefined ? await findContext(link, { cwd: input.cwd, agent, tier, model }) : null;
  const request = createReviewRequest(change, diffBudget(context));
  if (request.files.length === 0)
    throw usageError(`No file of this change can be reviewed: ${formatOmitted(request.omitted)}.`);
  return { change, request };
}

async function locate(
  link: Link,
  of: { cwd: string; target: ReviewTarget },
  { files }: Reviewed["change"],
  findings: readonly Finding[],
): Promise<Finding[]> {
  if (findings.length === 0) return [];
  const found = await link.call("reviewLocate", { ...of, paths: findings.map(({ file }) => file) });
  const deleted = new Set(files.filter(({ status }) => status === "deleted").map(({ path }) => path));
  return locateFindings(findings, found.files, deleted);
}

function printReview(
  { terminal, text }: CommandInput,
  { change, request }: Reviewed,
  { findings, summary }: Findings,
  result: RunResult | null,
): void {
  const { out, note, error } = terminal;
  const failure = result?.failure ?? null;
  if (text("format") === "json") {
    const { base, root } = change;
    const { files = [], omitted = [] } = request ?? {};
    const report = {
      type: "review",
      version: 1,
      base,
      root,
      summary,
      findings,
      files,
      omitted,
      ...describeRun(result),
    };
    out(formatLine(report));
  } else if (failure) {
    if (result && result.text !== "") out(`${sanitize(result.text)}\n`);
  } else if (!request) note(`${sanitize(describeNothing(change.base))}\n`);
  else {
    for (const finding of findings) out(`${sanitize(formatFinding(finding))}\n\n`);
    if (summary !== "") out(`${sanitize(summary)}\n`);
    const count = `${request.files.length} ${request.files.length === 1 ? "file" : "files"}`;
    out(`${countFindings(findings)}. Reviewed: ${sanitize(describeBase(change.base))}, ${count}.\n`);
    if (request.omitted.length > 0) out(`Not reviewed: ${sanitize(formatOmitted(request.omitted))}.\n`);
  }
  if (failure && terminal.outputError()?.code !== "EPIPE") error(`tutti: ${sanitize(failure.message)}\n`);
}

/** What the run cost, and its failure with the response that was not a list of findings. */
function describeRun(result: RunResult | null): Record<string, unknown> {
  if (!result) return { is_error: false, total_cost_usd: 0, usage: { input_tokens: 0, output_tokens: 0 } };
  const { is_error, error, total_cost_usd, usage, modelUsage, session_id } = toResult(result);
  return {
    is_error,
    ...(result.failure && { error, response: result.text }),
    total_cost_usd,
    usage,
    modelUsage,
    session_id,
  };
}
