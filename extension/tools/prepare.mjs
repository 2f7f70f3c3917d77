// Installs the tools of this folder where they are not there yet: the packer, and a whole VS Code for the tests.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tools = dirname(fileURLToPath(import.meta.url));
const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];

export function prepare() {
  npm("ci", tools, "node_modules/@vscode/vsce/package.json");
}

/** The editor's own packages come with their list, and not with themselves. Its `npm ci` refuses that list. */
export function prepareEditor() {
  prepare();
  const editor = join(tools, "node_modules/code-server/lib/vscode");
  npm("install", editor, "node_modules/@vscode/ripgrep-universal/package.json", "--omit=dev");
  npm("install", join(editor, "extensions"), "node_modules", "--omit=dev");
}

function npm(verb, folder, makes, ...more) {
  if (existsSync(join(folder, makes))) return;
  execFileSync(process.platform === "win32" ? "npm.cmd" : "npm", [verb, ...quiet, ...more], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepareEditor();
