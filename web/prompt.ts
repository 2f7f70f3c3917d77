/** What becomes of what was written: a turn, the queue, a word to the running turn, an answer, a command. */
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { type App, attempt, ensureSession, say } from "./app.ts";
import { isPageCommand, pageCommands } from "./commands.ts";
import { mentionRows, slashRows, wanted } from "./mention.ts";
import { kept } from "./pictures.tsx";
import { answer } from "./question.ts";

export function submit(app: App, how: "send" | "steer"): void {
  const { draft, attachments, view } = app.state();
  const text = draft.trim();
  if (text === "" && attachments.length === 0) return;
  const named = /^\/([a-z][\w-]*|[\w-]+:[\w.:-]+)(?:\s+([\s\S]*))?$/i.exec(text);
  const question = view?.questions[0];
  app.set({ draft: "", attachments: [], completion: null, said: null });
  const giveBack = (error: unknown): never => {
    if (app.state().draft === "") app.set({ draft, attachments });
    throw error;
  };
  attempt(app, async () => {
    if (named) return command(app, named[1] ?? "", named[2] ?? "").catch(giveBack);
    // What is written while a question is open is what to do instead.
    if (question?.freeText && how === "send" && attachments.length === 0) return answer(app, question, text);
    await prompt(app, text, how).catch(giveBack);
  });

  async function command(to: App, name: string, argument: string): Promise<void> {
    if (isPageCommand(name)) return pageCommands[name].does(to, argument.trim());
    const found = commandFor(to.state().commands, name);
    if (!found) {
      to.set({ draft, attachments });
      return say(to, "warning", `There is no command /${name}. To send it as a prompt, put a word before it.`);
    }
    const { cwd } = to.state();
    const expanded = await to.server.call("commandsExpand", { cwd, name: found.name, input: argument });
    await prompt(to, expanded.text, how);
  }

  async function prompt(to: App, said: string, by: "send" | "steer"): Promise<void> {
    const session = await ensureSession(to);
    const activity = to.state().view?.activity;
    // A turn that runs is told words; with what goes along, it is the next prompt.
    if (by === "steer" && activity?.state === "running" && attachments.length === 0)
      return void (await to.server.call("turnSteer", { session, turn: activity.turn, text: said }));
    const { settings } = to.state();
    const going = await Promise.all(attachments.map((one) => kept(to, session, one)));
    await to.server.call("turnPrompt", { session, text: said, attachments: going, settings });
  }
}

const commandFor = (commands: readonly PluginCommand[], name: string): PluginCommand | undefined =>
  commands.find((one) => one.name === name) ?? commands.find((one) => one.name.endsWith(`:${name}`));

const MOST = 30;
let asked = 0;

/** Looks for what could be meant where the cursor is. What was found for less stays until there is something better. */
export function complete(app: App, text: string, cursor: number): void {
  const mine = ++asked;
  const want = wanted(text, cursor);
  if (!want) {
    app.set({ completion: null });
    return;
  }
  const put = (rows: ReturnType<typeof slashRows>): void =>
    app.set({ completion: rows.length === 0 ? null : { from: want.from, rows, chosen: 0 } });
  if (want.kind === "slash") {
    put(slashRows(want.text, app.state().commands).slice(0, MOST));
    return;
  }
  attempt(app, async () => {
    const { cwd } = app.state();
    const { files } = await app.server.call("filesFind", { cwd, text: want.text, limit: MOST });
    const symbols =
      want.text.length < 3 ? [] : (await app.server.call("symbolsFind", { cwd, text: want.text, limit: 10 })).symbols;
    if (mine === asked) put(mentionRows(files, symbols, cwd));
  });
}

/** Puts the chosen row in place of what is named up to the cursor; gives where that stands then. */
export function accept(app: App, index: number, cursor: number): number | null {
  const { completion, draft } = app.state();
  const row = completion?.rows[index];
  if (!completion || !row) return null;
  asked++;
  app.set({
    draft: draft.slice(0, completion.from) + row.insert + draft.slice(cursor),
    completion: null,
  });
  return completion.from + row.insert.length;
}
