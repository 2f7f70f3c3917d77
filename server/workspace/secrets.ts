/** Which files hold secrets by their name alone. Pure data, read by the policy and by the searches. */

/** Matched against the last name of a path, in lower case. `*` stands for anything but a slash. */
const secretNames = [
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

/** These look alike and are meant to be read. */
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

/** Code about credentials is not a credential. */
const sourceEnding = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|c|cc|cpp|h|hpp|swift|md|html?|css)$/;

const toPattern = (name: string) =>
  new RegExp(`^${name.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")}$`);
const secretPatterns = secretNames.map(toPattern);
const harmless = new Set<string>(harmlessNames);

/** Judges by the name, with either slash and in any case; what the file holds does not matter. */
export function isSecretPath(path: string): boolean {
  const name = (path.split(/[/\\]/).at(-1) ?? "").toLowerCase();
  if (harmless.has(name) || sourceEnding.test(name)) return false;
  return secretPatterns.some((pattern) => pattern.test(name));
}
