/** Slash commands of the line mode: those of actions.ts that need no screen, and a few that are keys on a screen. */
import { listSelectable } from "../../client/agents.ts";
import { formatContextUse, formatShare, listContextLines } from "../../client/context-text.ts";
import { chooseModel, chooseTier, nextSettings, tierChoices, toTier } from "../../client/next-settings.ts";
import { explainUnknownCommand } from "../../client/slash-names.ts";
import { describeTask, listTaskRows } from "../../client/task-tree.ts";
import { describeBudgets, formatBudget } from "../../client/usage.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/events.ts";
import type { PluginCommand } from "../../protocol/plugin-methods.ts";
import { explainRoute } from "../../protocol/routing-text.ts";
import { efforts, modes } from "../../protocol/settings.ts";
import { type ActionName, actions, slashes } from "../actions.ts";
import { describeCommand, findCommand, formatArguments } from "../app/plugin-commands.ts";
import { formatAgo } from "../screens/format-time.ts";
import type { LineApp } from "./app.ts";
import type { Choice } from "./menu.ts";
import { formatCount, formatOutput, toOneLine } from "./messages.ts";
import { openSetup } from "./setup.ts";

export type LineCommand = (app: LineApp, argument: string) => void | Promise<void>;

const actionCommands: Partial<Record<ActionName, LineCommand>> = {
  "help.open": async (app) => app.write("status", formatHelp(await listPluginCommands(app))),
  "app.quit": (app) => app.quit(),
  "session.new"(app) {
    app.leaveSession();
    app.write("status", "The next prompt starts a new session.");
  },
  "sessions.open": openSessionMenu,
  async "session.rename"(app, title) {
    if (title === "") throw usageError("Missing title. Use /rename TITLE.");
    await app.server.call("sessionRename", { session: sessionOf(app), title });
    app.write("status", `Renamed the session to ${title}.`);
  },
  async "session.fork"(app) {
    const { session } = await app.server.call("sessionFork", { session: sessionOf(app) });
    await app.showSession(session);
    app.write("status", "Forked the session. The original is unchanged.");
  },
  async "session.compact"(app, focus) {
    await app.server.call("sessionCompact", { session: sessionOf(app), focus });
  },
  async "session.archive"(app) {
    await app.server.call("sessionArchive", { session: sessionOf(app) });
    app.leaveSession();
    app.write("status", "Archived the session. The next prompt starts a new one.");
  },
  "agents.open": openAgentMenu,
  "tasks.open": openTaskMenu,
  async "session.parent"(app) {
    const parent = app.view()?.task?.session;
    if (parent === undefined) throw usageError("This session was not started by another one.");
    await app.showSession(parent);
  },
  "models.open": openModelMenu,
  "setup.open": openSetup,
  "tier.cycle": openTierMenu,
  "route.explain"(app) {
    const view = app.view();
    app.write("status", view ? explainRoute(view).join("\n") : "No model was used yet.");
  },
  "effort.cycle": (app, level) => openSettingMenu(app, "effort", efforts, level),
  "mode.cycle": (app, name) => openSettingMenu(app, "mode", modes, name),
  "queue.open": openQueueMenu,
  async "queue.resume"(app) {
    if (!app.view()?.queueWaits) return app.write("status", "No queued prompts are waiting.");
    await app.server.call("queueResume", { session: sessionOf(app) });
  },
  async "wheel.take"(app) {
    await app.server.call("wheelTake", { session: sessionOf(app) });
  },
  async "hand.toggle"(app) {
    await app.server.call("presenceUpdate", { session: sessionOf(app), hand: true });
    app.write("status", "You have raised your hand.");
  },
  async "comment.add"(app, text) {
    if (text === "") throw usageError("Missing text. Use /comment TEXT.");
    const part = app.view()?.parts.at(-1)?.id;
    await app.server.call("commentAdd", { session: sessionOf(app), target: part === undefined ? {} : { part }, text });
  },
  "context.open": writeContext,
  "usage.open": writeUsage,
};

const lineCommands: Readonly<Record<string, { argument?: string; title: string; run: LineCommand }>> = {
  steer: { argument: "TEXT", title: "Steer the running turn", run: steer },
  stop: { title: "Stop the turn, like Ctrl+C", run: stop },
  output: { argument: "NUMBER", title: "Show the output of the last tool call; 2 is the one before it", run: output },
};

export function findActionCommand(action: ActionName): LineCommand {
  const command = actionCommands[action];
  if (command) return command;
  throw usageError(`/${actions[action].slash ?? action} requires full-screen mode. Start Tutti without --line.`);
}

export const findLineCommand = (name: string): LineCommand | null =>
  Object.hasOwn(lineCommands, name.toLowerCase()) ? (lineCommands[name.toLowerCase()]?.run ?? null) : null;

/** Expands a plugin's command to the text of its prompt. */
export async function expandPluginCommand(app: LineApp, name: string, input: string): Promise<string> {
  const command = await findPluginCommand(app, name);
  if (command)
    return (await app.server.call("commandsExpand", { cwd: currentFolder(app), name: command.name, input })).text;
  const plugin = (await listPluginCommands(app)).map((one) => one.name);
  throw usageError(explainUnknownCommand(name, [...slashes.keys(), ...Object.keys(lineCommands), ...plugin]));
}

export const findPluginCommand = async (app: LineApp, name: string): Promise<PluginCommand | null> =>
  findCommand(await listPluginCommands(app), name);

const currentFolder = (app: LineApp): string => app.view()?.cwd || app.cwd;

const listPluginCommands = async (app: LineApp): Promise<PluginCommand[]> =>
  (await app.server.call("commandsList", { cwd: currentFolder(app) })).commands;

const usageError = (message: string): TuttiError => new TuttiError("usage", message);

function sessionOf(app: LineApp): string {
  const id = app.view()?.id;
  if (id === undefined) throw usageError("No session yet. Send a prompt to start one.");
  return id;
}

function formatHelp(pluginCommands: readonly PluginCommand[]): string {
  const row = (name: string, argument: string | undefined, title: string): string =>
    `/${[name, ...(argument === undefined ? [] : [argument])].join(" ")}: ${title}`;
  const here = [...slashes].filter(([, action]) => actionCommands[action]);
  return [
    "Each line is a prompt, except for these commands:",
    ...here.map(([name, action]) => row(name, actions[action].argument, actions[action].title)),
    ...Object.entries(lineCommands).map(([name, { argument, title }]) => row(name, argument, title)),
    ...pluginCommands.map((command) =>
      row(command.name, formatArguments(command) || undefined, describeCommand(command)),
    ),
    "!COMMAND: run a shell command",
    "# NOTE: add a note to AGENTS.md",
    "End a line with a backslash to continue it on the next one.",
  ].join("\n");
}

async function openSessionMenu(app: LineApp, words: string): Promise<void> {
  const found = await app.server.call("sessionList", { cwd: app.cwd, limit: 100 });
  const now = Date.now();
  const choices = found.sessions.map(({ id, title, updatedAt, running }) => ({
    id,
    label: `${title || "untitled"}, ${running ? "running" : formatAgo(now - updatedAt)}`,
  }));
  const menu = { title: "Sessions in this folder:", empty: "This folder has no sessions yet.", choices };
  await app.openMenu(menu, words, (id) => app.showSession(id));
}

const currentSettings = (app: LineApp) =>
  nextSettings({ settings: app.settings(), view: app.view(), defaults: app.defaults() });

async function openModelMenu(app: LineApp, words: string): Promise<void> {
  const use = (model: string): void => {
    app.setSettings(chooseModel(app.settings(), model));
    app.write("status", `The next prompt uses the model ${model}.`);
  };
  if (/^\S+\/\S+$/.test(words)) {
    const { model, warning } = await app.server.call("modelCheck", { model: words });
    if (warning !== null) app.write("notice", warning);
    return use(model);
  }
  const [known, found] = await Promise.all([
    app.server.call("modelList", {}),
    app.server.call("modelDiscover", {}).catch(() => ({ endpoints: [] })),
  ]);
  const here = found.endpoints.flatMap(({ provider, models: all }) => all.map(({ id }) => `${provider}/${id}`));
  const { model: current } = currentSettings(app);
  const labeled = (id: string, state: string): Choice => ({
    id,
    label: [id, state, id === current ? "in use" : ""].filter((one) => one !== "").join(", "),
  });
  const choices = [
    ...here.map((id) => labeled(id, "on this machine")),
    ...known.models.filter(({ ready }) => ready).map(({ id }) => labeled(id, "")),
    ...known.models.filter(({ ready }) => !ready).map(({ id }) => labeled(id, "no API key")),
  ];
  const first = choices.filter(({ id }, index) => choices.findIndex((other) => other.id === id) === index);
  await app.openMenu({ title: "Models:", empty: "No models found.", choices: first }, words, use);
}

async function openSettingMenu<K extends "effort" | "mode">(
  app: LineApp,
  key: K,
  all: readonly NonNullable<Settings[K]>[],
  asked: string,
): Promise<void> {
  const current = currentSettings(app)[key];
  const choices = all.map((id) => ({ id, label: id === current ? `${id}, in use` : id }));
  await app.openMenu({ title: `Choose the ${key}:`, empty: "", choices }, asked, (id) => {
    app.setSettings({ ...app.settings(), [key]: id });
    app.write("status", `The next prompt uses the ${key} ${id}.`);
  });
}

async function openTierMenu(app: LineApp, asked: string): Promise<void> {
  const current = currentSettings(app).tier || "auto";
  const choices = tierChoices.map((id) => ({ id, label: id === current ? `${id}, in use` : id }));
  await app.openMenu({ title: "Choose the tier:", empty: "", choices }, asked, (id) => {
    const choice = tierChoices.find((one) => one === id) ?? "auto";
    app.setSettings(chooseTier(app.settings(), toTier(choice)));
    const description = choice === "auto" ? "a tier that fits its task" : `the ${choice} tier`;
    app.write("status", `The next prompt uses ${description}.`);
  });
}

async function openAgentMenu(app: LineApp, asked: string): Promise<void> {
  const { agents } = await app.server.call("agentList", { cwd: currentFolder(app) });
  const { agent: current } = currentSettings(app);
  const choices = listSelectable(agents).map(({ name, description }) => ({
    id: name,
    label: [name, toOneLine(description), name === current ? "in use" : ""].filter((one) => one !== "").join(", "),
  }));
  await app.openMenu({ title: "Choose the agent:", empty: "No agents found.", choices }, asked, (agent) => {
    app.setSettings({ ...app.settings(), agent });
    app.write("status", `The next prompt goes to the agent ${agent}.`);
  });
}

async function openTaskMenu(app: LineApp, asked: string): Promise<void> {
  const choices = listTaskRows(app.view()?.tasks ?? []).map(({ task }) => ({
    id: task.id,
    label: `${task.agent}: ${toOneLine(task.title)}, ${task.state}, ${describeTask(task)}`,
  }));
  const menu = { title: "Subagents; type a number to open one:", empty: "No subagents in this session.", choices };
  await app.openMenu(menu, asked, (id) => app.showSession(id));
}

async function openQueueMenu(app: LineApp): Promise<void> {
  const view = app.view();
  const choices = (view?.queue ?? []).map(({ id, text }) => ({ id, label: toOneLine(text) }));
  const menu = { title: "Queued prompts; type a number to remove one:", empty: "No queued prompts.", choices };
  await app.openMenu(menu, "", async (prompt) => {
    await app.server.call("queueDrop", { session: sessionOf(app), prompt });
    app.write("status", "Removed the prompt from the queue.");
  });
}

async function writeContext(app: LineApp): Promise<void> {
  const report = await app.server.call("sessionContext", { session: sessionOf(app) });
  const lines = listContextLines(report).map(
    ({ label, tokens, share }) => `${label}: ${formatCount(tokens, "token")}, ${formatShare(share)}`,
  );
  app.write("status", [formatContextUse(report), ...lines].join("\n"));
}

async function writeUsage(app: LineApp): Promise<void> {
  const rows = (app.view()?.usage ?? []).map((one) => {
    const cost = one.cost === null ? "unknown price" : `${one.cost.toFixed(4)} dollars`;
    return `${one.model}: ${formatCount(one.requests, "request")}, ${formatCount(one.input, "token")} in (${one.cached} cached), ${formatCount(one.output, "token")} out, ${cost}`;
  });
  const session = app.view()?.id;
  const { budgets } = await app.server.call("budgetRead", { cwd: app.cwd, ...(session && { session }) });
  const lines = [...rows, ...describeBudgets(budgets).map(formatBudget)];
  app.write("status", lines.length === 0 ? "No usage yet." : lines.join("\n"));
}

async function steer(app: LineApp, text: string): Promise<void> {
  const view = app.view();
  if (text === "") throw usageError("Missing text. Use /steer TEXT.");
  if (view?.activity.state !== "running")
    throw usageError("No turn is running. Enter the text without /steer to start one.");
  await app.server.call("turnSteer", { session: view.id, turn: view.activity.turn, text });
}

async function stop(app: LineApp): Promise<void> {
  const view = app.view();
  if (view?.activity.state !== "running") return app.write("status", "No turn is running.");
  await app.server.call("turnCancel", { session: view.id });
}

function output(app: LineApp, which: string): void {
  const back = which === "" ? 1 : Number(which);
  if (!Number.isInteger(back) || back < 1) throw usageError("/output requires a number; 1 is the last tool call.");
  const calls = (app.view()?.parts ?? []).filter((part) => part.type === "call");
  const call = calls.at(-back);
  if (!call) throw usageError(`No such tool call: there are ${formatCount(calls.length, "tool call")} so far.`);
  app.write("tool", formatOutput(call));
}
