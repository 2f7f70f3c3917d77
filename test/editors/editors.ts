/** Real editors: where they are, how they are started, and the lines of configuration that docs/editors.md gives for them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { blocksOf } from "../docs/markdown.ts";
import { bin } from "../help/built.ts";
import { leadingTo } from "../help/editor.ts";
import { answer, done, event, type Received, type Script } from "../help/scripted-endpoint.ts";
import type { Home } from "../help/tutti.ts";

export interface Program {
  /** What it is started with, before its own arguments. */
  argv: readonly [string, ...string[]];
  env: Record<string, string>;
  /** It would start itself again for its screen, which it cannot. */
  headless?: true;
}

const folder = process.env.TUTTI_EDITORS_DIR ?? join(homedir(), ".cache", "tutti-editors");
const newer = join(folder, "forky");
const firstOf = (paths: readonly string[]): string | undefined => paths.find((path) => existsSync(path));

/** Of another Debian, run by its own loader, without a root of its own. */
function ofNewer(program: string, env: Record<string, string>): Program | null {
  const loader = firstOf(
    ["usr/lib64/ld-linux-x86-64.so.2", "usr/lib/ld-linux-aarch64.so.1"].map((path) => join(newer, path)),
  );
  const libraries = firstOf(["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"].map((path) => join(newer, path)));
  const path = join(newer, "usr", "bin", program);
  if (loader === undefined || libraries === undefined || !existsSync(path)) return null;
  return { argv: [loader, "--library-path", libraries, path], env };
}

function onPath(program: string): Program | null {
  const found = firstOf((process.env.PATH ?? "").split(delimiter).map((one) => join(one, program)));
  return found === undefined ? null : { argv: [found], env: {} };
}

const editors = {
  "Neovim of this system": () => onPath("nvim"),
  "a newer Neovim": () => {
    const found = ofNewer("nvim", { VIMRUNTIME: join(newer, "usr/share/nvim/runtime") });
    return found && { ...found, headless: true as const };
  },
  Helix: () => ofNewer("hx", { HELIX_RUNTIME: join(newer, "usr/lib/hx/runtime") }),
  Emacs: () => onPath("emacs"),
} as const;

/** Declares a suite for an editor that is here; where one must be, its absence is a failure, and otherwise one line. */
export function withEditor(name: keyof typeof editors, tests: (program: Program) => void): void {
  const program = editors[name]();
  if (program) {
    describe(`tutti lsp in ${name}`, function () {
      this.timeout(90_000);
      tests(program);
    });
    return;
  }
  if (process.env.TUTTI_EDITORS !== "required") {
    process.stderr.write(`${name} is not here: its tests are left out; test/editors/prepare.mjs gets it.\n`);
    return;
  }
  it(`needs ${name}`, () => {
    throw new Error(`${name} is not here; run test/editors/prepare.mjs.`);
  });
}

/** The text that the page gives for a file of this name. */
export function fromPage(file: string): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/editors.md"), "utf8");
  const block = blocksOf(page).find((one) => one.file === file);
  if (!block) throw new Error(`docs/editors.md has no ${file}.`);
  return block.text;
}

/** Of the configuration: what stands next at the cursor is asked of a model that fills in. */
export const completion = { inline: "on", model: "t/starcoder2" };

/** An endpoint that completes by this text, and otherwise answers in this order; `chats`, where given, takes what was asked of it. */
export function completesWith(text: string, turns: Script[], chats: Received[] = []) {
  const completes = { body: [event({ choices: [{ text }] }), done] };
  return (received: Received): Script =>
    received.path.endsWith("/v1/completions") ? completes : (turns[chats.push(received) - 1] ?? answer("More."));
}

/** What an editor is started in: `tutti` on its path, and an endpoint for it. */
export function surroundings(
  home: Home,
  baseUrl: string,
  config: Record<string, unknown> = {},
): Record<string, string> {
  const programs = join(home.root, "bin");
  mkdirSync(programs, { recursive: true });
  const shim = `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`;
  writeFileSync(join(programs, "tutti"), shim, { mode: 0o755 });
  return {
    ...home.env,
    ...leadingTo(baseUrl, config),
    XDG_CONFIG_HOME: join(home.root, "config"),
    PATH: `${programs}${delimiter}${home.env.PATH}`,
  };
}
