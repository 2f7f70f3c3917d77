/**
 * Checks wildcards: which names of a folder a pattern may match, and, since the folder may have changed when the line runs, whether it
 * may match a name that needs approval.
 */
import { join } from "node:path";
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

const MAX_MATCHES = 2_000;

/**
 * All paths that a pattern may match, as the shell would write them; null if there are too many. Only the text before the first and
 * after the last wildcard of each name is compared, so that more may be listed than the shell would.
 */
export function listMatches(
  pattern: string,
  folder: string,
  listNames: (folder: string) => string[] | null,
): string[] | null {
  let found = [pattern.startsWith("/") ? "/" : ""];
  for (const segment of pattern.split("/").filter((piece) => piece !== "")) {
    const next: string[] = [];
    for (const path of found) {
      const names = /[*?[]/.test(segment) ? listNames(pattern.startsWith("/") ? path : join(folder, path)) : [segment];
      if (names === null) return null;
      for (const name of names)
        if (mayMatch(segment, name)) next.push(`${path}${path === "" || path === "/" ? "" : "/"}${name}`);
      if (next.length > MAX_MATCHES) return null;
    }
    found = next;
  }
  return found;
}

function mayMatch(segment: string, name: string): boolean {
  const start = segment.search(/[*?[]/);
  if (start < 0) return segment === name;
  const end = segment.length - Math.max(...["*", "?", "]", "["].map((mark) => segment.lastIndexOf(mark))) - 1;
  if (name.startsWith(".") && !segment.startsWith(".")) return false;
  return name.startsWith(segment.slice(0, start)) && name.endsWith(segment.slice(segment.length - end));
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
