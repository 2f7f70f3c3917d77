/** The options and commands of a session in an editor: loaded from the server, sent where they have changed. */
import { DEFAULT_AGENT } from "../client/agents.ts";
import type { PluginCommand } from "../protocol/plugin-methods.ts";
import { listCommands } from "./commands.ts";
import type { Option, SlashCommand, Update } from "./editor.ts";
import { invalidParams } from "./errors.ts";
import { type AvailableChoices, applyChoice, buildOptions, isMode, type SessionChoices } from "./options.ts";
import type { ServerConnection } from "./server-connection.ts";

export interface SessionOptions {
  choices(): SessionChoices;
  commands(): readonly PluginCommand[];
  list(): Option[];
  load(): Promise<void>;
  /** Loads again, and sends what has changed; the first time, it sends the commands. */
  refresh(isClosed: () => boolean): Promise<void>;
  /** Returns all options. Throws for a value that is not available. */
  set(option: string, value: unknown): Option[];
}

export function createSessionOptions(
  cwd: string,
  server: ServerConnection,
  initial: SessionChoices,
  notify: (update: Update) => void,
): SessionOptions {
  let choices = initial;
  let available: AvailableChoices = {
    models: [],
    agents: [],
    defaults: { agent: DEFAULT_AGENT, mode: "ask", model: "", effort: "" },
  };
  let commands: readonly PluginCommand[] = [];
  let sent: { commands: SlashCommand[]; options: Option[] } | null = null;

  const list = (): Option[] => buildOptions(choices, available);
  const load = async (): Promise<void> => {
    const [{ models }, { agents }, { values }, found] = await Promise.all([
      server.call("modelList", {}),
      server.call("agentList", { cwd }),
      server.call("configRead", { cwd }),
      server.call("commandsList", { cwd }),
    ]);
    const text = (key: string, fallback: string): string => {
      const value = values.find((one) => one.key === key)?.value;
      return typeof value === "string" ? value : fallback;
    };
    const mode = text("permissions.mode", "ask");
    available = {
      models,
      agents,
      defaults: {
        agent: text("agent", "") || DEFAULT_AGENT,
        mode: isMode(mode) ? mode : "ask",
        model: text("model", ""),
        effort: text("effort", ""),
      },
    };
    commands = found.commands;
  };
  return {
    choices: () => choices,
    commands: () => commands,
    list,
    load,
    async refresh(isClosed) {
      if (sent) await load();
      if (isClosed()) return;
      const [currentCommands, currentOptions] = [listCommands(commands), list()];
      if (!isEqual(currentCommands, sent?.commands)) notify({ type: "commands", commands: currentCommands });
      if (sent && !isEqual(currentOptions, sent.options)) notify({ type: "options", options: currentOptions });
      sent = { commands: currentCommands, options: currentOptions };
    },
    set(option, value) {
      const updated = applyChoice(choices, available, option, value);
      if (!updated)
        throw invalidParams(`Invalid value ${JSON.stringify(value)} for the option ${JSON.stringify(option)}.`);
      choices = updated;
      return list();
    },
  };
}

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
