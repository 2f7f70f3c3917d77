/** The plugins that are shipped, as they are built. */
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

export const program = (name: string): [string, string] => [
  process.execPath,
  join(root, "dist", "plugins", `${name}.cjs`),
];
