/** `tutti plugins`: lists, adds, inspects and approves plugins. */

import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { formatChanges, formatInspection, formatPlugin, formatPluginSummary } from "../client/plugin-text.ts";
import { describeError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import { findNearest } from "../protocol/nearest.ts";
import type { PluginRow } from "../protocol/plugin-methods.ts";
import { usageError } from "./args.ts";
import { openBrowser } from "./browser.ts";
import type { Command, CommandInput } from "./command.ts";
import { confirm, isInteractive } from "./confirm.ts";
import { sanitize } from "./print/text.ts";

type Verb = (input: CommandInput, link: Link, words: string[]) => Promise<number>;

const EXIT_REFUSED = 4;

const verbs: Record<string, Verb> = {
  async list(input, link) {
    const found = await link.call("pluginsList", { cwd: input.cwd });
    if (input.text("format") === "json") input.terminal.out(`${JSON.stringify(found, null, 2)}\n`);
    else if (found.plugins.length === 0)
      input.terminal.out(`No plugins are configured. Shipped with Tutti: ${listShipped().join(", ") || "none"}.\n`);
    else input.terminal.out(found.plugins.map((row) => `${formatPluginSummary(row)}\n`).join(""));
    for (const problem of found.problems) input.terminal.note(`${sanitize(problem)}\n`);
    return 0;
  },
  async add(input, link, [name, ...words]) {
    if (name === undefined)
      throw usageError(
        "Missing name or command. Use `tutti plugins add NAME -- COMMAND…` or `tutti plugins add NAME URL`.",
      );
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
      throw usageError(`Invalid plugin name ${JSON.stringify(name)}. Use only A-Z, a-z, 0-9, _ and -.`);
    const { plugins } = await link.call("pluginsList", { cwd: input.cwd });
    if (plugins.some((row) => row.name === name && row.userOwned))
      throw usageError(`The plugin ${name} already exists. Remove it with \`tutti plugins remove ${name}\`.`);
    const entry = { ...parseLaunch(name, words), ...entryOptions(input) };
    const { path } = await link.call("configWrite", { key: `plugins.${name}`, text: JSON.stringify(entry) });
    input.terminal.note(`Added ${name} to ${path}. It does not run until you approve it.\n`);
    return isInteractive(input) ? approve(input, link, name) : 0;
  },
  async remove(input, link, [name]) {
    const row = await findPlugin(input, link, name);
    if (!row.userOwned)
      throw usageError(`${row.name} is configured in ${row.source}, not in your configuration. Remove it there.`);
    await link.call("pluginsRevoke", { cwd: input.cwd, name: row.name });
    const { path } = await link.call("configWrite", { key: `plugins.${row.name}` });
    input.terminal.note(`Removed ${row.name} from ${path}.\n`);
    return 0;
  },
  enable: (input, link, [name]) => setEnabled(input, link, name, true),
  disable: (input, link, [name]) => setEnabled(input, link, name, false),
  async approve(input, link, [name]) {
    return approve(input, link, (await findPlugin(input, link, name)).name);
  },
  async revoke(input, link, [name]) {
    const row = await findPlugin(input, link, name);
    await link.call("pluginsRevoke", { cwd: input.cwd, name: row.name });
    input.terminal.note(`Revoked the approval of ${row.name}.\n`);
    return 0;
  },
  async login(input, link, [name]) {
    const row = await findPlugin(input, link, name);
    const { terminal, cwd } = input;
    if (row.approvedAt === undefined) {
      terminal.note(`${formatPlugin(row).join("\n")}\n`);
      if (!(await confirmHash(input, "identity", row.identity, "Log in to this plugin?"))) return EXIT_REFUSED;
    }
    const { login, url: first } = await link.call("pluginsLogin", { cwd, name: row.name, identity: row.identity });
    for (let url = first; url !== null; url = (await link.call("pluginsLoginWait", { login })).url)
      await showPage(input, url);
    terminal.note(first === null ? `${row.name} does not require a login.\n` : `Logged in to ${row.name}.\n`);
    return 0;
  },
  async logout(input, link, [name]) {
    const row = await findPlugin(input, link, name);
    const { removed } = await link.call("pluginsLogout", { cwd: input.cwd, name: row.name });
    input.terminal.note(removed ? `Logged out of ${row.name}.\n` : `No login is stored for ${row.name}.\n`);
    return 0;
  },
  async inspect(input, link, words) {
    if (input.isSet("check")) return check(input, link, words);
    const row = await findPlugin(input, link, words[0]);
    const approved = row.approvedAt !== undefined;
    const look = approved
      ? await link.call("pluginsInspect", { cwd: input.cwd, name: row.name, identity: row.identity })
      : null;
    if (input.text("format") === "json")
      input.terminal.out(`${JSON.stringify({ plugin: row, offers: look }, null, 2)}\n`);
    else {
      input.terminal.out(`${formatPlugin(row).join("\n")}\n`);
      if (look) input.terminal.out(`${formatInspection(row, look).join("\n")}\n`);
      else
        input.terminal.out(
          `Not started: the plugin is not approved. Approve it with \`tutti plugins approve ${row.name}\`.\n`,
        );
    }
    return 0;
  },
};

async function showPage({ terminal, isSet }: CommandInput, url: string): Promise<void> {
  terminal.note("Log in on this page:\n");
  terminal.out(`${sanitize(url)}\n`);
  if (!isSet("no-browser") && !(await openBrowser(url)))
    terminal.note("Cannot open a browser. Open the page manually.\n");
  terminal.note("Waiting up to 10 minutes for the login.\n");
}

/** Needs no server. The templates are loaded only here. */
async function create(input: CommandInput, [name]: string[]): Promise<number> {
  const lang = input.text("lang");
  if (name === undefined || (lang !== "ts" && lang !== "python"))
    throw usageError("Missing name or language. Use `tutti plugins new NAME --lang ts` or `--lang python`.");
  const folder = resolve(input.cwd, input.text("dir") ?? name);
  const { scaffold } = await import("../mcp-plugins/templates/scaffold.ts");
  const written = await scaffold(folder, name, lang).catch((error: unknown) => {
    throw usageError(`${describeError(error)}.`);
  });
  const own = written.filter((path) => !path.startsWith("node_modules/"));
  input.terminal.out(own.map((path) => `${sanitize(join(folder, path))}\n`).join(""));
  const start =
    lang === "ts" ? `node ${sanitize(join(folder, "main.ts"))}` : `python3 ${sanitize(join(folder, "plugin.py"))}`;
  input.terminal.note(`Ready to use. Add it with: tutti plugins add ${name} ${start}\n`);
  return 0;
}

async function check(input: CommandInput, link: Link, words: string[]): Promise<number> {
  if (words.length === 0) throw usageError("Missing command. Use `tutti plugins inspect --check -- COMMAND…`.");
  const { checks } = await link.call("pluginsCheck", { cwd: input.cwd, command: words });
  if (input.text("format") === "json") input.terminal.out(`${JSON.stringify({ checks }, null, 2)}\n`);
  else
    for (const { name, state, detail } of checks)
      input.terminal.out(`${state.padEnd(7)} ${sanitize(name)}${detail === "" ? "" : `: ${sanitize(detail)}`}\n`);
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}

async function setEnabled(input: CommandInput, link: Link, name: string | undefined, on: boolean): Promise<number> {
  const row = await findPlugin(input, link, name);
  if (!row.userOwned)
    throw usageError(`${row.name} is configured in ${row.source}, not in your configuration. Change it there.`);
  const { path } = await link.call("configWrite", { key: `plugins.${row.name}.enabled`, text: String(on) });
  input.terminal.note(`${on ? "Enabled" : "Disabled"} ${row.name} in ${path}.\n`);
  return 0;
}

/** Needs two approvals: to start the plugin, and to enable its tools. Asks at a terminal; otherwise the flags must pass the exact hashes. */
async function approve(input: CommandInput, link: Link, name: string): Promise<number> {
  const { terminal, cwd } = input;
  const row = await findPlugin(input, link, name);
  terminal.note(`${formatPlugin(row).join("\n")}\n`);
  if (!(await confirmHash(input, "identity", row.identity, "Start this plugin?"))) return EXIT_REFUSED;
  const look = await link.call("pluginsInspect", { cwd, name, identity: row.identity });
  terminal.note(
    `\n${[...formatInspection(row, look), ...(row.state === "changed" ? formatChanges(look) : [])].join("\n")}\n`,
  );
  if (!(await confirmHash(input, "digest", look.digest, "Enable this plugin and its tools?"))) return EXIT_REFUSED;
  await link.call("pluginsApprove", { cwd, name, identity: row.identity, digest: look.digest });
  terminal.note(`Approved ${name}.\n`);
  return 0;
}

async function confirmHash(
  input: CommandInput,
  flag: "identity" | "digest",
  hash: string,
  question: string,
): Promise<boolean> {
  const expected = input.text(flag);
  if (expected !== undefined) {
    if (expected === hash) return true;
    throw usageError(`--${flag} ${expected} does not match: the current ${flag} is ${hash}.`);
  }
  if (isInteractive(input)) return confirm(question);
  input.terminal.note(`Not interactive: pass \`--${flag} ${hash}\` to approve.\n`);
  return false;
}

async function findPlugin(input: CommandInput, link: Link, name: string | undefined): Promise<PluginRow> {
  if (name === undefined) throw usageError("Missing plugin name. See `tutti plugins list`.");
  const { plugins } = await link.call("pluginsList", { cwd: input.cwd });
  const found = plugins.find((row) => row.name === name);
  if (found) return found;
  const suggestion = findNearest(
    name,
    plugins.map((row) => row.name),
  );
  throw usageError(
    `Unknown plugin ${JSON.stringify(name)}. ${suggestion === null ? "See `tutti plugins list`." : `Did you mean ${suggestion}?`}`,
  );
}

const shippedFolder = (): string => join(dirname(realpathSync(process.argv[1] ?? ".")), "..", "dist", "plugins");

const listShipped = (): string[] =>
  existsSync(shippedFolder())
    ? readdirSync(shippedFolder())
        .filter((file) => file.endsWith(".cjs"))
        .map((file) => file.slice(0, -".cjs".length))
    : [];

function parseLaunch(name: string, words: string[]): { command: string[] } | { url: string } {
  const [first] = words;
  if (first === undefined) {
    if (listShipped().includes(name)) return { command: [process.execPath, join(shippedFolder(), `${name}.cjs`)] };
    throw usageError(
      `Missing command for ${name}. You can omit it only for plugins shipped with Tutti: ${listShipped().join(", ") || "none"}.`,
    );
  }
  if (words.length === 1 && /^https?:\/\//.test(first)) return { url: first };
  return { command: words };
}

function entryOptions(input: CommandInput): { env?: string[]; headers?: Record<string, string> } {
  const env = input.list("env");
  const headers = input.list("header").map((pair) => {
    const at = pair.indexOf("=");
    if (at <= 0) throw usageError(`Invalid --header ${JSON.stringify(pair)}. Use NAME=VALUE.`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return { ...(env.length > 0 && { env }), ...(headers.length > 0 && { headers: Object.fromEntries(headers) }) };
}

const names = [...Object.keys(verbs), "new"];

export const plugins: Command = {
  name: "plugins",
  operands:
    "list|add NAME [URL|-- COMMAND…]|remove NAME|enable NAME|disable NAME|approve NAME|revoke NAME|login NAME|logout NAME|inspect NAME|new NAME",
  purpose: "List, add, inspect, approve and remove plugins (MCP servers).",
  verbs: names,
  flags: [
    {
      name: "env",
      value: "NAME",
      repeatable: true,
      purpose: "add: an environment variable to pass to the plugin; repeatable",
    },
    {
      name: "header",
      value: "NAME=VALUE",
      repeatable: true,
      purpose: "add: an HTTP header to send with each request to the URL; repeatable",
    },
    {
      name: "identity",
      value: "HASH",
      purpose: "approve, login: if the plugin's identity matches this hash, continue without asking",
    },
    {
      name: "digest",
      value: "HASH",
      purpose: "approve: if the plugin's digest matches this hash, enable it without asking",
    },
    { name: "no-browser", purpose: "login: print the URL instead of opening a browser" },
    { name: "lang", value: "LANGUAGE", choices: ["ts", "python"], purpose: "new: the language to use" },
    { name: "dir", value: "DIR", purpose: "new: the folder to create (default: the plugin's name)" },
    { name: "check", purpose: "inspect: check the plugin that this command starts instead of a configured one" },
    { name: "format", value: "FORMAT", choices: ["text", "json"], purpose: "Output format" },
  ],
  examples: [
    "tutti plugins add files -- npx -y @modelcontextprotocol/server-filesystem .",
    "tutti plugins approve files",
  ],
  async run(input) {
    const [verb = "list", ...words] = input.positionals;
    if (verb === "new") return create(input, words);
    const runVerb = verbs[verb];
    if (!runVerb) {
      const suggestion = findNearest(verb, names);
      throw usageError(
        `Unknown subcommand ${JSON.stringify(verb)}. ${suggestion === null ? `Use one of: ${names.join(", ")}.` : `Did you mean \`tutti plugins ${suggestion}\`?`}`,
      );
    }
    const link = await input.connect({ cwd: input.cwd, project: true, answers: false });
    try {
      return await runVerb(input, link, words);
    } finally {
      await link.close();
    }
  },
};
