/** `tutti plugins`: which there are, what exactly they run and bring, and a person's yes to that. */
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Link } from "../client/link.ts";
import { nearest } from "../client/nearest.ts";
import { changeLines, lookLines, rowLine, rowLines } from "../client/plugin-text.ts";
import type { PluginRow } from "../protocol/plugin-methods.ts";
import { wrong } from "./args.ts";
import { openBrowser } from "./browser.ts";
import type { Command, Input } from "./command.ts";
import { safe } from "./print/text.ts";

type Verb = (input: Input, link: Link, words: string[]) => Promise<number>;

const REFUSED = 4;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const found = await link.call("pluginsList", { cwd: input.cwd });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(found, null, 2)}\n`);
    else if (found.plugins.length === 0)
      input.terminal.out(`There are no plugins here. Shipped with Tutti: ${shipped().join(", ") || "none"}.\n`);
    else input.terminal.out(found.plugins.map((row) => `${rowLine(row)}\n`).join(""));
    for (const problem of found.problems) input.terminal.note(`${safe(problem)}\n`);
    return 0;
  },
  async add(input, link, [name, ...words]) {
    if (name === undefined) throw wrong("Say its name and how it starts: tutti plugins add NAME COMMAND… | URL.");
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
      throw wrong(`${name} is no name for a plugin; use A-Z, a-z, 0-9, _ and -.`);
    const { plugins } = await link.call("pluginsList", { cwd: input.cwd });
    if (plugins.some((row) => row.name === name && row.own))
      throw wrong(`There is a plugin ${name} already; \`tutti plugins remove ${name}\` takes it away.`);
    const entry = { ...startOf(name, words), ...given(input) };
    const { path } = await link.call("configWrite", { key: `plugins.${name}`, text: JSON.stringify(entry) });
    input.terminal.note(`${name} stands in ${path} now, and does nothing before you approve it.\n`);
    return asks(input) ? approve(input, link, name) : 0;
  },
  async remove(input, link, [name]) {
    const row = await rowNamed(input, link, name);
    if (!row.own) throw wrong(`${row.name} is named by ${row.source}, not by your configuration; take it out there.`);
    await link.call("pluginsRevoke", { cwd: input.cwd, name: row.name });
    const { path } = await link.call("configWrite", { key: `plugins.${row.name}` });
    input.terminal.note(`${row.name} is no longer in ${path}.\n`);
    return 0;
  },
  enable: (input, link, [name]) => enabled(input, link, name, true),
  disable: (input, link, [name]) => enabled(input, link, name, false),
  async approve(input, link, [name]) {
    return approve(input, link, (await rowNamed(input, link, name)).name);
  },
  async revoke(input, link, [name]) {
    const row = await rowNamed(input, link, name);
    await link.call("pluginsRevoke", { cwd: input.cwd, name: row.name });
    input.terminal.note(`${row.name} is not approved any more.\n`);
    return 0;
  },
  async login(input, link, [name]) {
    const row = await rowNamed(input, link, name);
    const { terminal, cwd } = input;
    if (row.approvedAt === undefined) {
      terminal.note(`${rowLines(row).join("\n")}\n`);
      if (!(await yes(input, "identity", row.identity, "Log in there?"))) return REFUSED;
    }
    const { login, url: first } = await link.call("pluginsLogin", { cwd, name: row.name, identity: row.identity });
    for (let url = first; url !== null; url = (await link.call("pluginsLoginWait", { login })).url)
      await showPage(input, url);
    terminal.note(first === null ? `${row.name} asks for no login now.\n` : `You are logged in to ${row.name}.\n`);
    return 0;
  },
  async logout(input, link, [name]) {
    const row = await rowNamed(input, link, name);
    const { forgotten } = await link.call("pluginsLogout", { cwd: input.cwd, name: row.name });
    input.terminal.note(forgotten ? `You are logged out of ${row.name}.\n` : `Nothing was kept for ${row.name}.\n`);
    return 0;
  },
  async inspect(input, link, words) {
    if (input.on("check")) return check(input, link, words);
    const row = await rowNamed(input, link, words[0]);
    const approved = row.approvedAt !== undefined;
    const look = approved
      ? await link.call("pluginsLook", { cwd: input.cwd, name: row.name, identity: row.identity })
      : null;
    if (input.text("format") === "json")
      input.terminal.out(`${JSON.stringify({ plugin: row, offers: look }, null, 2)}\n`);
    else {
      input.terminal.out(`${rowLines(row).join("\n")}\n`);
      if (look) input.terminal.out(`${lookLines(row, look).join("\n")}\n`);
      else input.terminal.out(`It was not started, since it is not approved: tutti plugins approve ${row.name}\n`);
    }
    return 0;
  },
};

async function showPage({ terminal, on }: Input, url: string): Promise<void> {
  terminal.note("Log in on this page:\n");
  terminal.out(`${safe(url)}\n`);
  if (!on("no-browser") && !(await openBrowser(url))) terminal.note("No browser could be started; open it yourself.\n");
  terminal.note("Waiting, ten minutes at most.\n");
}

/** Needs no server. What templates there are is loaded with the first new plugin. */
async function create(input: Input, [name]: string[]): Promise<number> {
  const lang = input.text("lang");
  if (name === undefined || (lang !== "ts" && lang !== "python"))
    throw wrong("Say its name and its language: tutti plugins new NAME --lang ts | python.");
  const folder = resolve(input.cwd, input.text("dir") ?? name);
  const { scaffold } = await import("../mcp-plugins/templates/scaffold.ts");
  const written = await scaffold(folder, name, lang).catch((error: unknown) => {
    throw wrong(`${error instanceof Error ? error.message : String(error)}.`);
  });
  const own = written.filter((path) => !path.startsWith("node_modules/"));
  input.terminal.out(own.map((path) => `${safe(join(folder, path))}\n`).join(""));
  const start = lang === "ts" ? `node ${safe(join(folder, "main.ts"))}` : `python3 ${safe(join(folder, "plugin.py"))}`;
  input.terminal.note(`It runs as it is: tutti plugins add ${name} ${start}\n`);
  return 0;
}

async function check(input: Input, link: Link, words: string[]): Promise<number> {
  if (words.length === 0) throw wrong("Say what to check: tutti plugins inspect --check COMMAND….");
  const { checks } = await link.call("pluginsCheck", { cwd: input.cwd, command: words });
  if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ checks }, null, 2)}\n`);
  else
    for (const { name, state, detail } of checks)
      input.terminal.out(`${state.padEnd(7)} ${safe(name)}${detail === "" ? "" : `: ${safe(detail)}`}\n`);
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}

async function enabled(input: Input, link: Link, name: string | undefined, on: boolean): Promise<number> {
  const row = await rowNamed(input, link, name);
  if (!row.own) throw wrong(`${row.name} is named by ${row.source}, not by your configuration; change it there.`);
  const { path } = await link.call("configWrite", { key: `plugins.${row.name}.enabled`, text: String(on) });
  input.terminal.note(`${row.name} is ${on ? "enabled" : "disabled"} in ${path}.\n`);
  return 0;
}

/** Twice: to start it, and to use what it brings. On a terminal by asking; elsewhere by the hashes of exactly that. */
async function approve(input: Input, link: Link, name: string): Promise<number> {
  const { terminal, cwd } = input;
  const row = await rowNamed(input, link, name);
  terminal.note(`${rowLines(row).join("\n")}\n`);
  if (!(await yes(input, "identity", row.identity, "Start it?"))) return REFUSED;
  const look = await link.call("pluginsLook", { cwd, name, identity: row.identity });
  terminal.note(`\n${[...lookLines(row, look), ...(row.state === "changed" ? changeLines(look) : [])].join("\n")}\n`);
  if (!(await yes(input, "digest", look.digest, "May it be used, with what it brings?"))) return REFUSED;
  await link.call("pluginsApprove", { cwd, name, identity: row.identity, digest: look.digest });
  terminal.note(`${name} is approved.\n`);
  return 0;
}

async function yes(input: Input, flag: "identity" | "digest", hash: string, question: string): Promise<boolean> {
  const said = input.text(flag);
  if (said !== undefined) {
    if (said === hash) return true;
    throw wrong(`--${flag} is for something else than what there is now, which is ${hash}.`);
  }
  if (asks(input)) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
    } finally {
      lines.close();
    }
  }
  input.terminal.note(`Nobody is here to say yes; --${flag} ${hash} says it for exactly this.\n`);
  return false;
}

const asks = ({ terminal }: Input): boolean => terminal.inIsTerminal && terminal.noteIsTerminal;

async function rowNamed(input: Input, link: Link, name: string | undefined): Promise<PluginRow> {
  if (name === undefined) throw wrong("Say which plugin; `tutti plugins list` names them.");
  const { plugins } = await link.call("pluginsList", { cwd: input.cwd });
  const found = plugins.find((row) => row.name === name);
  if (found) return found;
  const near = nearest(
    name,
    plugins.map((row) => row.name),
  );
  throw wrong(`There is no plugin ${name}${near === null ? "" : `; did you mean ${near}?`}`);
}

const folder = (): string => join(dirname(realpathSync(process.argv[1] ?? ".")), "..", "dist", "plugins");

const shipped = (): string[] =>
  existsSync(folder())
    ? readdirSync(folder())
        .filter((file) => file.endsWith(".cjs"))
        .map((file) => file.slice(0, -".cjs".length))
    : [];

function startOf(name: string, words: string[]): { command: string[] } | { url: string } {
  const [first] = words;
  if (first === undefined) {
    if (shipped().includes(name)) return { command: [process.execPath, join(folder(), `${name}.cjs`)] };
    throw wrong(`Say how ${name} starts; shipped with Tutti are ${shipped().join(", ") || "none"}.`);
  }
  if (words.length === 1 && /^https?:\/\//.test(first)) return { url: first };
  return { command: words };
}

function given(input: Input): { env?: string[]; headers?: Record<string, string> } {
  const env = input.list("env");
  const headers = input.list("header").map((pair) => {
    const at = pair.indexOf("=");
    if (at <= 0) throw wrong(`--header ${pair} must be NAME=VALUE.`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return { ...(env.length > 0 && { env }), ...(headers.length > 0 && { headers: Object.fromEntries(headers) }) };
}

const names = [...Object.keys(verbs), "new"];

export const plugins: Command = {
  name: "plugins",
  operands:
    "list|add NAME COMMAND…|URL|remove NAME|enable NAME|disable NAME|approve NAME|revoke NAME|login NAME|logout NAME|inspect NAME|new NAME",
  purpose: "Plugins: MCP servers, and what exactly they run and bring.",
  verbs: names,
  flags: [
    { name: "env", value: "NAME", many: true, purpose: "add: a variable that it gets; may come more than once" },
    { name: "header", value: "NAME=VALUE", many: true, purpose: "add: sent with each request to a URL" },
    { name: "identity", value: "HASH", purpose: "approve, login: start what has this hash, without asking" },
    { name: "digest", value: "HASH", purpose: "approve: use what has this hash, without asking" },
    { name: "no-browser", purpose: "login: print the page's address, and open nothing" },
    { name: "lang", value: "LANGUAGE", of: ["ts", "python"], purpose: "new: what it is written in" },
    { name: "dir", value: "DIR", purpose: "new: a folder that is empty or not there, instead of one with its name" },
    { name: "check", purpose: "inspect: try a plugin of your own, given as its command" },
    { name: "format", value: "FORMAT", of: ["text", "json"], purpose: "how to print" },
  ],
  examples: [
    "tutti plugins add files -- npx -y @modelcontextprotocol/server-filesystem .",
    "tutti plugins approve files",
  ],
  async run(input) {
    const [verb = "list", ...words] = input.words;
    if (verb === "new") return create(input, words);
    const act = verbs[verb];
    if (!act) {
      const near = nearest(verb, names);
      throw wrong(`tutti plugins knows ${names.join(", ")}${near === null ? "" : `; did you mean ${near}?`}`);
    }
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await act(input, link, words);
    } finally {
      await link.close();
    }
  },
};
