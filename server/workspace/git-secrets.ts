/** Which files a git command would show the content of: git itself lists them, with the same revisions. */
import { type GitProgram, runGit } from "./git-safety.ts";

export interface GitQuery {
  verb: "log" | "show" | "diff" | "grep";
  /** Words before `--` that are not options: revisions or paths. */
  operands: readonly string[];
  /** Words after `--`. */
  paths: readonly string[];
  /** The maximum number of commits; null if there is none. */
  count: number | null;
  /** `git diff` of the index; of the merge base. */
  cached: boolean;
  mergeBase: boolean;
}

/** Messages with which the command itself fails, too, and shows nothing. */
const FAILS_ALIKE =
  /^fatal: (bad revision|ambiguous argument|bad object|not a git repository)|^(error|warning): (Not a git repo|Could not access)/i;

/** The names, relative or not; null if git cannot tell. */
export async function listShownByGit(git: GitProgram, folder: string, query: GitQuery): Promise<string[] | null> {
  const { operands, paths } = query;
  const run = async (words: readonly string[]): Promise<string[] | null> => {
    const { output, problem } = await runGit(git, folder, ["--no-pager", ...words]);
    if (output === null) return FAILS_ALIKE.test(problem) ? [] : null;
    return output.split("\0").map((name) => name.trim());
  };
  /** The content of a file, by its hash or a tag, has no name. */
  const namesContent = async (words: readonly string[]): Promise<boolean> => {
    for (const word of words.filter((operand) => !operand.includes(":")))
      if ((await runGit(git, folder, ["cat-file", "-t", word])).output?.trim() === "blob") return true;
    return false;
  };
  const names = ["--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const limit = paths.length > 0 ? ["--", ...paths] : [];
  switch (query.verb) {
    case "log": {
      const count = query.count === null ? [] : [`--max-count=${query.count}`];
      return run(["log", ...names, "-m", "--format=", ...count, ...operands, ...limit]);
    }
    case "show": {
      if (await namesContent(operands)) return null;
      return run(["show", ...names, "-m", "--format=", ...operands, ...limit]);
    }
    case "diff": {
      if (await namesContent(operands)) return null;
      const options = [...(query.cached ? ["--cached"] : []), ...(query.mergeBase ? ["--merge-base"] : [])];
      return run(["diff", ...names, ...options, ...operands, ...limit]);
    }
    case "grep": {
      const trees: (string[] | null)[] = [];
      for (const word of operands) trees.push(await run(["ls-tree", "-r", "-z", "--name-only", "--full-tree", word]));
      const tracked = await run(["ls-files", "-z", ...(trees.includes(null) ? ["--", ...operands] : limit)]);
      return tracked === null ? null : [...tracked, ...trees.flatMap((tree) => tree ?? [])];
    }
    default:
      query.verb satisfies never;
      return null;
  }
}
