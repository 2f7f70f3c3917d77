/** What the slash commands do in lines: those of actions.ts that need no screen, and a few that a screen has keys for. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/methods.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { type ActionName, actions, slashes } from "../actions.ts";
import { aboutOf, commandFor, takesOf } from "../app/commands.ts";
import { ago } from "../screens/ago.ts";
import type { LineApp } from "./app.ts";
import type { Choice } from "./menu.ts";
import { count, oneLine, outputOf } from "./words.ts";

export type LineCommand = (app: LineApp, argument: string) => void | Promise<void>;

const efforts = ["none", "low", "medium", "high"] as const satisfies Settings["effort"][];
const modes = ["plan", "ask", "edit", "auto"] as const satisfies Settings["mode"][];

const shared: Partial<Record<ActionName, LineCommand>> = {
  "help.open": async (app) => app.say("status", helpText(await broughtTo(app))),
  "app.quit": (app) => app.quit(),
  "session.new"(app) {
    app.leave();
    app.say("status", "The next prompt begins a new session.");
  },
  "sessions.open": sessions,
  async "session.rename"(app, title) {
    if (title === "") throw wrong("Say the new title: /rename TITLE.");
    await app.server.call("sessionRename", { session: sessionOf(app), title });
    app.say("status", `This session is called ${title} now.`);
  },
  async "session.fork"(app) {
    const { session } = await app.server.call("sessionFork", { session: sessionOf(app) });
    await app.show(session);
    app.say("status", "This is a copy now; the other session stays as it is.");
  },
  async "session.archive"(app) {
    await app.server.call("sessionArchive", { session: sessionOf(app) });
    app.leave();
    app.say("status", "Archived. The next prompt begins a new session.");
  },
  "models.open": models,
  "effort.cycle": (app, level) => setting(app, "effort", efforts, level),
  "mode.cycle": (app, name) => setting(app, "mode", modes, name),
  "queue.open": queue,
  "usage.open": usage,
};

const own: Readonly<Record<string, { takes?: string; title: string; does: LineCommand }>> = {
  steer: { takes: "TEXT", title: "Tell the running turn now", does: steer },
  stop: { title: "Stop the turn, as Ctrl+C does", does: stop },
  output: { takes: "NUMBER", title: "What the last call wrote or changed; 2 is the one before it", does: output },
};

export function commandOf(action: ActionName): LineCommand {
  const command = shared[action];
  if (command) return command;
  throw wrong(`/${actions[action].slash ?? action} needs the full screen; start Tutti without --line.`);
}

export const ownCommand = (name: string): LineCommand | null =>
  Object.hasOwn(own, name.toLowerCase()) ? (own[name.toLowerCase()]?.does ?? null) : null;

/** The text that a command of a plugin stands for. */
export async function commandText(app: LineApp, name: string, input: string): Promise<string> {
  const command = commandFor(await broughtTo(app), name);
  if (command) return (await app.server.call("commandsExpand", { cwd: folderOf(app), name: command.name, input })).text;
  throw wrong(`There is no command /${name}; /help lists them. To send it as a prompt, put a blank before it.`);
}

const folderOf = (app: LineApp): string => app.view()?.cwd || app.cwd;

const broughtTo = async (app: LineApp): Promise<PluginCommand[]> =>
  (await app.server.call("commandsList", { cwd: folderOf(app) })).commands;

const wrong = (message: string): TuttiError => new TuttiError("usage", message);

function sessionOf(app: LineApp): string {
  const id = app.view()?.id;
  if (id === undefined) throw wrong("There is no session yet: the first prompt makes one.");
  return id;
}

function helpText(brought: readonly PluginCommand[]): string {
  const row = (name: string, takes: string | undefined, title: string): string =>
    `/${[name, ...(takes === undefined ? [] : [takes])].join(" ")}: ${title}`;
  const here = [...slashes].filter(([, action]) => shared[action]);
  return [
    "What you write is a prompt, but for these:",
    ...here.map(([name, action]) => row(name, actions[action].takes, actions[action].title)),
    ...Object.entries(own).map(([name, { takes, title }]) => row(name, takes, title)),
    ...brought.map((command) => row(command.name, takesOf(command) || undefined, aboutOf(command))),
    "!COMMAND: run a command line of your own",
    "# NOTE: add a note to AGENTS.md",
    "A line that ends with a backslash goes on in the next one.",
  ].join("\n");
}

async function sessions(app: LineApp, words: string): Promise<void> {
  const found = await app.server.call("sessionList", { cwd: app.cwd, limit: 100 });
  const now = Date.now();
  const choices = found.sessions.map(({ id, title, updatedAt, running }) => ({
    id,
    label: `${title || "untitled"}, ${running ? "running" : ago(now - updatedAt)}`,
  }));
  const menu = { title: "Sessions of this folder:", empty: "There is no session of this folder yet.", choices };
  await app.menu(menu, words, (id) => app.show(id));
}

async function models(app: LineApp, words: string): Promise<void> {
  const use = (model: string): void => {
    app.choose({ ...app.settings(), model });
    app.say("status", `The model is ${model} from the next prompt on.`);
  };
  if (/^\S+\/\S+$/.test(words)) return use(words);
  const [known, found] = await Promise.all([
    app.server.call("modelList", {}),
    app.server.call("modelDiscover", {}).catch(() => ({ endpoints: [] })),
  ]);
  const here = found.endpoints.flatMap(({ provider, models: all }) => all.map(({ id }) => `${provider}/${id}`));
  const current = app.settings().model ?? app.usual().model;
  const labeled = (id: string, state: string): Choice => ({
    id,
    label: [id, state, id === current ? "in use" : ""].filter((one) => one !== "").join(", "),
  });
  const choices = [
    ...here.map((id) => labeled(id, "on this machine")),
    ...known.models.filter(({ ready }) => ready).map(({ id }) => labeled(id, "")),
    ...known.models.filter(({ ready }) => !ready).map(({ id }) => labeled(id, "without a key yet")),
  ];
  const first = choices.filter(({ id }, index) => choices.findIndex((other) => other.id === id) === index);
  await app.menu({ title: "Models:", empty: "No model is known.", choices: first }, words, use);
}

async function setting<K extends "effort" | "mode">(
  app: LineApp,
  key: K,
  all: readonly NonNullable<Settings[K]>[],
  asked: string,
): Promise<void> {
  const current = app.settings()[key] ?? app.usual()[key];
  const choices = all.map((id) => ({ id, label: id === current ? `${id}, in use` : id }));
  await app.menu({ title: `The ${key}:`, empty: "", choices }, asked, (id) => {
    app.choose({ ...app.settings(), [key]: id });
    app.say("status", `The ${key} is ${id} from the next prompt on.`);
  });
}

async function queue(app: LineApp): Promise<void> {
  const view = app.view();
  const choices = (view?.queue ?? []).map(({ id, text }) => ({ id, label: oneLine(text) }));
  const menu = { title: "Prompts that wait; a number takes one out:", empty: "No prompt waits.", choices };
  await app.menu(menu, "", async (prompt) => {
    await app.server.call("queueDrop", { session: sessionOf(app), prompt });
    app.say("status", "It does not wait any more.");
  });
}

function usage(app: LineApp): void {
  const rows = (app.view()?.usage ?? []).map((one) => {
    const cost = one.cost === null ? "no price known" : `${one.cost.toFixed(4)} dollars`;
    return `${one.model}: ${count(one.requests, "request")}, ${count(one.input, "token")} in, of them ${one.cached} cached, ${count(one.output, "token")} out, ${cost}`;
  });
  app.say("status", rows.length === 0 ? "Nothing was used yet." : rows.join("\n"));
}

async function steer(app: LineApp, text: string): Promise<void> {
  const view = app.view();
  if (text === "") throw wrong("Say what the agent is to be told: /steer TEXT.");
  if (view?.activity.state !== "running") throw wrong("Nothing runs; a line without /steer begins a turn.");
  await app.server.call("turnSteer", { session: view.id, turn: view.activity.turn, text });
}

async function stop(app: LineApp): Promise<void> {
  const view = app.view();
  if (view?.activity.state !== "running") return app.say("status", "Nothing runs.");
  await app.server.call("turnCancel", { session: view.id });
}

function output(app: LineApp, which: string): void {
  const back = which === "" ? 1 : Number(which);
  if (!Number.isInteger(back) || back < 1) throw wrong("/output takes a number, 1 being the last call.");
  const calls = (app.view()?.parts ?? []).filter((part) => part.type === "call");
  const call = calls.at(-back);
  if (!call) throw wrong(`There were ${count(calls.length, "call")} so far.`);
  app.say("tool", outputOf(call));
}
