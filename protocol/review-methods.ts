/** Methods about the review of a change: its diff, and the length of the files that findings name. */
import { z } from "zod";
import { request } from "./method.ts";

const reviewTarget = z.discriminatedUnion("kind", [
  /** What differs from the last commit: staged, unstaged and untracked. */
  z.object({ kind: z.literal("uncommitted") }),
  /** What differs from the commit at which the checked-out branch left this one, including uncommitted changes. */
  z.object({ kind: z.literal("branch"), name: z.string().min(1) }),
  /** One commit, compared with its first parent. */
  z.object({ kind: z.literal("commit"), name: z.string().min(1) }),
  /** A pull request on GitHub, as the program `gh` reports it. */
  z.object({ kind: z.literal("pullRequest"), number: z.number().int().positive() }),
]);
export type ReviewTarget = z.infer<typeof reviewTarget>;

const base = z.object({
  kind: z.enum(["uncommitted", "branch", "commit", "pullRequest"]),
  name: z.string().optional(),
  /** The commit that the change is compared with; null before the first commit, and for a pull request. */
  commit: z.string().nullable(),
});
export type ReviewBase = z.infer<typeof base>;

const changedFile = z.object({
  /** Relative to `root`. */
  path: z.string(),
  status: z.enum(["added", "modified", "deleted", "renamed"]),
  /** A unified diff. Null for a file that is left out. */
  patch: z.string().nullable(),
  /** Why it is left out, as a clause of a sentence. */
  reason: z.string().optional(),
});
export type ChangedFile = z.infer<typeof changedFile>;

export const reviewRequests = {
  reviewDiff: request(
    "review/diff",
    "driver",
    "The change to review: a diff for each file. Files that may hold secrets, binary files and very large ones have no diff, but a reason. Refused where the settings of the repository could start a program.",
    z.object({ cwd: z.string(), target: reviewTarget }),
    z.object({ root: z.string(), base, files: z.array(changedFile) }),
    ["notFound", "failed"],
  ),
  reviewLocate: request(
    "review/locate",
    "driver",
    "For each path that a finding names: the path relative to the root of the repository, and the number of lines that the file has in the reviewed state. `lines` is null where there is no such file, and absent where that is not known.",
    z.object({ cwd: z.string(), target: reviewTarget, paths: z.array(z.string()).max(1000) }),
    z.object({ files: z.array(z.object({ path: z.string(), lines: z.number().nullable().optional() })) }),
    ["notFound", "failed"],
  ),
};
