/** The prompt for a review: the diff of a change, as much of it as fits the context of the model. */
import { TuttiError } from "../protocol/errors.ts";
import type { Attachment } from "../protocol/events.ts";
import type { Link } from "../protocol/link.ts";
import type { ChangedFile, ReviewBase } from "../protocol/review-methods.ts";
import type { Tier } from "../protocol/settings.ts";
import { findingsRequest } from "./findings.ts";

export interface OmittedFile {
  file: string;
  reason: string;
}

export interface ReviewRequest {
  text: string;
  attachments: Attachment[];
  /** The files whose diff is attached. */
  files: string[];
  omitted: OmittedFile[];
}

/** A diff has about three characters per token. It gets half of the context: the rest is for what the reviewer reads. */
const CHARS_PER_TOKEN = 3;
/** Limits in characters: for a model whose context is not known, and for any model. Findings get worse in longer texts. */
const DEFAULT_CHARS = 90_000;
const MAX_CHARS = 600_000;

export const diffBudget = (context: number | null): number =>
  context === null ? DEFAULT_CHARS : Math.min(MAX_CHARS, Math.floor((context / 2) * CHARS_PER_TOKEN));

interface ModelChoice {
  cwd: string;
  agent?: string | undefined;
  tier?: Tier | undefined;
  model?: string | undefined;
}

/** The context of the model that will review, in tokens; null if it is not known. The turn reports what is wrong with a model that cannot be used. */
export async function findContext(
  { call }: Pick<Link, "call">,
  { cwd, agent, tier, model }: ModelChoice,
): Promise<number | null> {
  const choice = { ...(agent !== undefined && { agent }), ...(tier && { tier }) };
  try {
    const name = model ?? (await call("routeExplain", { cwd, text: "/review", ...choice })).model;
    const { models } = await call("modelList", { provider: name.split("/", 1)[0] ?? "" });
    return models.find(({ id }) => id === name)?.context ?? null;
  } catch (error) {
    if (error instanceof TuttiError) return null;
    throw error;
  }
}

export function createReviewRequest(
  { root, base, files }: { root: string; base: ReviewBase; files: readonly ChangedFile[] },
  budget: number,
): ReviewRequest {
  const fitting = chooseFitting(files, budget);
  const included = files.filter((file) => fitting.has(file));
  const omitted = files
    .filter((file) => !fitting.has(file))
    .map(({ path, patch, reason }) => ({
      file: path,
      reason: patch === null ? (reason ?? "it has no diff") : "it does not fit the context of the model",
    }));
  const lines = [
    `${describeBase(base)}. The diff is attached as changes.diff: review it, and run no command to get it. Its paths are relative to ${root}.`,
    ...(omitted.length === 0 ? [] : [`The diff leaves out: ${formatOmitted(omitted)}.`]),
    `Use absolute paths for tools, and paths relative to ${root} in the findings. Change nothing. ${findingsRequest}`,
  ];
  return {
    text: `/review ${lines.join("\n\n")}`,
    attachments: [
      { name: "changes.diff", mediaType: "text/x-diff", text: included.map(({ patch }) => patch).join("") },
    ],
    files: included.map(({ path }) => path),
    omitted,
  };
}

const MAX_NAMED = 100;

/** `a.lock (it is too large), b.png (it is a binary file)`. */
export function formatOmitted(omitted: readonly OmittedFile[]): string {
  const named = omitted.slice(0, MAX_NAMED).map(({ file, reason }) => `${file} (${reason})`);
  return [...named, ...(omitted.length > MAX_NAMED ? [`and ${omitted.length - MAX_NAMED} more files`] : [])].join(", ");
}

/** As many files as fit, those that people write before those that programs write. */
function chooseFitting(files: readonly ChangedFile[], budget: number): ReadonlySet<ChangedFile> {
  const sized = files.flatMap((file) => (file.patch === null ? [] : [{ file, size: file.patch.length }]));
  const order = sized.toSorted((a, b) => Number(isGenerated(a.file)) - Number(isGenerated(b.file)) || a.size - b.size);
  let left = budget;
  const fitting = new Set<ChangedFile>();
  for (const { file, size } of order) {
    if (size > left) continue;
    left -= size;
    fitting.add(file);
  }
  return fitting;
}

const isGenerated = ({ path }: ChangedFile): boolean =>
  /(?:^|\/)(?:[\w.-]*[-.]lock(?:\.\w+)?|[\w-]*-lock\.\w+|go\.sum|npm-shrinkwrap\.json)$|\.(?:min\.\w+|map|snap|svg)$/i.test(
    path,
  );

/** What is reviewed, as the beginning of a sentence. */
export function describeBase({ kind, name = "", commit }: ReviewBase): string {
  if (kind === "branch") return `What this branch changes compared with ${name}`;
  if (kind === "commit") return `The commit ${name}`;
  if (kind === "pullRequest") return `The pull request ${name}`;
  return commit === null ? "The files of a repository without a commit" : "The uncommitted changes";
}

export const describeNothing = ({ kind, name = "" }: ReviewBase): string =>
  `Nothing to review: ${kind === "uncommitted" ? "there are no uncommitted changes" : `there is no change in ${name}`}.`;
