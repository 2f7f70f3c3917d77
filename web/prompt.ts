/** Submits the prompt: as a turn, a queued prompt, a steering message, an answer or a slash command. */

import { matchMentions } from "../client/agents.ts";
import { explainUnknownCommand, resolveAlias } from "../client/slash-names.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { toAnswer } from "../protocol/questions.ts";
import { type App, attempt, ensureSession, showNotice } from "./app.ts";
import { isPageCommand, pageCommands } from "./commands.ts";
import { storeAttachment } from "./images.tsx";
import { createMentionRows, createSlashRows, findCompletionQuery } from "./mention.ts";
import { acceptsAnswer, answerQuestion } from "./question-box.tsx";

export function submit(app: App, action: "send" | "steer"): void {
  const { draft, attachments, view } = app.state();
  const text = draft.trim();
  if (text === "" && attachments.length === 0) return;
  const [open] = view?.questions ?? [];
  // While a question with free text is open, the prompt is its answer.
  const question = open?.freeText && action === "send" && attachments.length === 0 ? open : null;
  const slash = /^\/([a-z][\w-]*|[\w-]+:[\w.:-]+)(?:\s+([\s\S]*))?$/i.exec(text);
  if (question && !slash && !acceptsAnswer(question)) return;
  app.server.resume();
  app.set({ draft: "", attachments: [], completion: null, notice: null });
  const restoreDraft = (error: unknown): never => {
    if (app.state().draft === "") app.set({ draft, attachments });
    throw error;
  };
  attempt(app, async () => {
    if (slash) return command(app, slash[1] ?? "", slash[2] ?? "").catch(restoreDraft);
    if (question) return answerQuestion(app, question, toAnswer(question, text)).catch(restoreDraft);
    await prompt(app, text, action).catch(restoreDraft);
  });

  async function command(to: App, name: string, argument: string): Promise<void> {
    if (isPageCommand(name)) return pageCommands[name].run(to, argument.trim());
    const found = findCommand(to.state().commands, name);
    const alias = resolveAlias(name, Object.keys(pageCommands));
    if (!found && alias !== null && isPageCommand(alias)) return pageCommands[alias].run(to, argument.trim());
    if (!found) {
      to.set({ draft, attachments });
      const names = [...Object.keys(pageCommands), ...to.state().commands.map((one) => one.name)];
      return showNotice(to, "warning", explainUnknownCommand(name, names));
    }
    const { cwd } = to.state();
    const expanded = await to.server.call("commandsExpand", { cwd, name: found.name, input: argument });
    await prompt(to, expanded.text, action);
  }

  async function prompt(to: App, promptText: string, by: "send" | "steer"): Promise<void> {
    const session = await ensureSession(to);
    const activity = to.state().view?.activity;
    // A running turn can only be steered with text; with attachments, the prompt is queued.
    if (by === "steer" && activity?.state === "running" && attachments.length === 0)
      return void (await to.server.call("turnSteer", { session, turn: activity.turn, text: promptText }));
    const { settings } = to.state();
    const stored = await Promise.all(attachments.map((one) => storeAttachment(to, session, one)));
    await to.server.call("turnPrompt", { session, text: promptText, attachments: stored, settings });
  }
}

const findCommand = (commands: readonly PluginCommand[], name: string): PluginCommand | undefined =>
  commands.find((one) => one.name === name) ?? commands.find((one) => one.name.endsWith(`:${name}`));

const MAX_ROWS = 30;
let latestRequest = 0;

/** Requests completions for the text at the cursor. The previous rows stay until new ones arrive. */
export function updateCompletion(app: App, text: string, cursor: number): void {
  const request = ++latestRequest;
  const query = findCompletionQuery(text, cursor);
  if (!query) {
    app.set({ completion: null });
    return;
  }
  const put = (rows: ReturnType<typeof createSlashRows>): void =>
    app.set({ completion: rows.length === 0 ? null : { from: query.from, rows, chosen: 0 } });
  if (query.kind === "slash") {
    put(createSlashRows(query.text, app.state().commands).slice(0, MAX_ROWS));
    return;
  }
  attempt(app, async () => {
    const { cwd } = app.state();
    const [{ files }, { agents }] = await Promise.all([
      app.server.call("filesFind", { cwd, text: query.text, limit: MAX_ROWS }),
      app.server.call("agentList", { cwd }),
    ]);
    const symbols =
      query.text.length < 3 ? [] : (await app.server.call("symbolsFind", { cwd, text: query.text, limit: 10 })).symbols;
    if (request === latestRequest) put(createMentionRows(files, symbols, matchMentions(agents, query.text), cwd));
  });
}

/** Replaces the typed text with the selected row; returns the new cursor position. */
export function acceptCompletion(app: App, index: number, cursor: number): number | null {
  const { completion, draft } = app.state();
  const row = completion?.rows[index];
  if (!completion || !row) return null;
  latestRequest++;
  app.set({
    draft: draft.slice(0, completion.from) + row.insert + draft.slice(cursor),
    completion: null,
  });
  return completion.from + row.insert.length;
}
