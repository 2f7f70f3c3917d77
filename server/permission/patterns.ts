/**
 * What a wildcard may become. What lies in the folder is not looked at, since it can be another when the line runs; but a pattern can be
 * held against the names that must be asked about.
 */
import { isSecretPath } from "../workspace/secrets.ts";

/** Protected files and secrets that do not begin with a dot, as they are mostly called. */
const names = [
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

/** Whether a word with wildcards can name a hidden file or one of these. A pattern of wildcards alone names no hidden file. */
export function mayNameGuarded(word: string): boolean {
  const segments = word.split("/");
  if (segments.some((segment) => /^\.[^*?[]*[*?[]/.test(segment))) return true;
  const last = segments.at(-1) ?? "";
  const literal = last.replace(/\[[^\]]*\]/g, "").replace(/[*?]/g, "");
  if (literal === last || !/[a-z0-9]/i.test(literal)) return false;
  const glob = last.toLowerCase().match(/\[[^\]]*\]|[\s\S]/g) ?? [];
  return isSecretPath(last) || names.some((name) => matches(glob, name));
}

/** In time that grows with both lengths alone, whatever a line was made to: by going back to the last `*`, and never further. */
function matches(glob: readonly string[], name: string): boolean {
  let [at, place] = [0, 0];
  let star: { at: number; place: number } | null = null;
  while (place < name.length) {
    const token = glob[at];
    if (token === "*") {
      star = { at, place };
      at += 1;
    } else if (token === "?" || token === name[place] || (token?.length ?? 0) > 1) {
      at += 1;
      place += 1;
    } else if (star) {
      star.place += 1;
      [at, place] = [star.at + 1, star.place];
    } else return false;
  }
  return glob.slice(at).every((token) => token === "*");
}

/** What a word with a list in braces can become, near enough to look for names in it. */
export const piecesOf = (word: string): string[] =>
  word.includes("{") ? word.split(/[{},]/).filter((piece) => piece !== "") : [];
