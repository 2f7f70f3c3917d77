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
  const pattern = patternOf(last);
  return isSecretPath(last) || names.some((name) => pattern.test(name));
}

function patternOf(glob: string): RegExp {
  const parts = glob.match(/\[[^\]]*\]|[\s\S]/g) ?? [];
  const text = parts.map((part) => {
    if (part === "*") return ".*";
    return part === "?" || part.length > 1 ? "." : part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${text.join("")}$`, "i");
}

/** What a word with a list in braces can become, near enough to look for names in it. */
export const piecesOf = (word: string): string[] =>
  word.includes("{") ? word.split(/[{},]/).filter((piece) => piece !== "") : [];
