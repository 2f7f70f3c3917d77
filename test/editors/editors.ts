/** Real editors: where they are installed, how to start them, and their configuration from docs/editors.md. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { blocksOf } from "../docs/markdown.ts";
import { bin } from "../help/build.ts";
import { configFor } from "../help/editor.ts";
import { answer, done, event, type Received, type Script } from "../help/scripted-endpoint.ts";
import type { Home } from "../help/tutti.ts";

export interface Program {
  /** The command, before the test's arguments. */
  argv: readonly [string, ...string[]];
  env: Record<string, string>;
  /** It starts a second process for its UI, which does not work here. */
  headless?: true;
}

const folder = process.env.TUTTI_EDITORS_DIR ?? join(homedir(), ".cache", "tutti-editors");
const newer = join(folder, "forky");
const firstOf = (paths: readonly string[]): string | undefined => paths.find((path) => existsSync(path));

/** A program of a newer Debian, run with its own loader, without a chroot. */
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

/** Declares a suite for an installed editor. A missing one is a failure if TUTTI_EDITORS is `required`, otherwise one line of output. */
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
    process.stderr.write(
      `${name} is not installed: its tests are skipped. Install it with test/editors/prepare.mjs.\n`,
    );
    return;
  }
  it(`needs ${name}`, () => {
    throw new Error(`${name} is not installed. Run test/editors/prepare.mjs.`);
  });
}

/** The code block for a file of this name in docs/editors.md. */
export function fromPage(file: string): string {
  const page = readFileSync(join(import.meta.dirname, "../../docs/editors.md"), "utf8");
  const block = blocksOf(page).find((one) => one.file === file);
  if (!block) throw new Error(`docs/editors.md has no ${file}.`);
  return block.text;
}

/** Configures completion with a fill-in-the-middle model. */
export const completion = { inline: "on", model: "t/starcoder2" };

/** An endpoint that completes with this text and otherwise responds with these turns. `chats` collects the chat requests. */
export function completesWith(text: string, turns: Script[], chats: Received[] = []) {
  const completes = { body: [event({ choices: [{ text }] }), done] };
  return (received: Received): Script =>
    received.path.endsWith("/v1/completions") ? completes : (turns[chats.push(received) - 1] ?? answer("More."));
}

/** The environment of an editor: `tutti` on its PATH, and a configured endpoint. */
export function editorEnvironment(
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
    ...configFor(baseUrl, config),
    XDG_CONFIG_HOME: join(home.root, "config"),
    PATH: `${programs}${delimiter}${home.env.PATH}`,
  };
}
