/**
 * Checks wildcards. The content of the folder is not used, since it may have changed when the line runs; instead, a pattern is
 * matched against the names that need approval.
 */
import { isSecretPath } from "../workspace/secret-files.ts";

/** Common names of protected files and secrets that do not begin with a dot. */
const PROTECTED_NAMES = [
  ...[
    "tutti.jsonc",
    "jenkinsfile",
    "azure-pipelines.yml",
    "azure-pipelines.yaml",
    "bitbucket-pipelines.yml",
    "config.fish",
  ],
  ...["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "credentials", "_netrc"],
];

/** True if a word with wildcards can match a hidden file or one of these names. Wildcards alone match no hidden file. */
export function mayNameProtectedFile(word: string): boolean {
  const segments = word.split("/");
  if (segments.some((segment) => /^\.[^*?[]*[*?[]/.test(segment))) return true;
  const last = segments.at(-1) ?? "";
  const literal = last.replace(/\[[^\]]*\]/g, "").replace(/[*?]/g, "");
  if (literal === last || !/[a-z0-9]/i.test(literal)) return false;
  const glob = last.toLowerCase().match(/\[[^\]]*\]|[\s\S]/g) ?? [];
  return isSecretPath(last) || PROTECTED_NAMES.some((name) => matchesGlob(glob, name));
}

/** Runs in time proportional to both lengths, since it backtracks to the last `*` only. */
function matchesGlob(glob: readonly string[], name: string): boolean {
  let [at, position] = [0, 0];
  let star: { at: number; position: number } | null = null;
  while (position < name.length) {
    const token = glob[at];
    if (token === "*") {
      star = { at, position };
      at += 1;
    } else if (token === "?" || token === name[position] || (token?.length ?? 0) > 1) {
      at += 1;
      position += 1;
    } else if (star) {
      star.position += 1;
      [at, position] = [star.at + 1, star.position];
    } else return false;
  }
  return glob.slice(at).every((token) => token === "*");
}

/** The pieces of a word with a brace list, precise enough to search for names in them. */
export const splitBraces = (word: string): string[] =>
  word.includes("{") ? word.split(/[{},]/).filter((piece) => piece !== "") : [];
