/** Recognizes files that hold secrets by their name. Pure data, used by the permission policy and the search tools. */

/** Globs for the file name, in lower case. `*` matches anything but a slash. */
export const SECRET_GLOBS = [
  ".env",
  ".env.*",
  "*.env",
  ".envrc",
  "*.pem",
  "*.key",
  "*.p12",
  "*.pfx",
  "*.jks",
  "*.keystore",
  "*.kdbx",
  "*.ppk",
  "id_rsa*",
  "id_dsa*",
  "id_ecdsa*",
  "id_ed25519*",
  ".npmrc",
  ".pypirc",
  ".netrc",
  "_netrc",
  ".pgpass",
  ".git-credentials",
  ".htpasswd",
  "credentials",
  "credentials.*",
] as const;

/** Similar names that hold no secrets. */
const harmlessNames = [
  ".env.example",
  ".env.sample",
  ".env.template",
  ".env.dist",
  "example.env",
  "sample.env",
  "template.env",
  "id_rsa.pub",
  "id_dsa.pub",
  "id_ecdsa.pub",
  "id_ed25519.pub",
] as const;

/** Source code and documents are not secrets. */
const sourceEnding = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|c|cc|cpp|h|hpp|swift|md|html?|css)$/;

const toPattern = (name: string) =>
  new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`);
const secretPatterns = SECRET_GLOBS.map(toPattern);
const harmless = new Set<string>(harmlessNames);

/** Checks the name only, with either slash and in any case, not the content. */
export function isSecretPath(path: string): boolean {
  const name = (path.split(/[/\\]/).at(-1) ?? "").toLowerCase();
  if (harmless.has(name) || sourceEnding.test(name)) return false;
  return secretPatterns.some((pattern) => pattern.test(name));
}
