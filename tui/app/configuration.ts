/** Reads the terminal's settings from the server's configuration. */
import { DEFAULT_AGENT } from "../../client/agents.ts";
import type { ReconnectingClient } from "../../client/reconnecting-client.ts";

export interface TerminalSettings {
  theme: string;
  keys: "default" | "vim" | "emacs";
  bindings: Record<string, string>;
  notify: boolean;
  agent: string;
  model: string;
  effort: string;
  mode: string;
}

export async function readSettings(server: Pick<ReconnectingClient, "call">, cwd: string): Promise<TerminalSettings> {
  const { values } = await server.call("configRead", { cwd });
  const find = (key: string): unknown => values.find((one) => one.key === key)?.value;
  const text = (key: string, fallback: string): string => {
    const value = find(key);
    return typeof value === "string" ? value : fallback;
  };
  const keys = text("keys", "default");
  const prefix = "bindings.";
  const bindings = values.flatMap(({ key, value }) =>
    key.startsWith(prefix) && typeof value === "string" ? [[key.slice(prefix.length), value] as const] : [],
  );
  return {
    theme: text("theme", ""),
    keys: keys === "vim" || keys === "emacs" ? keys : "default",
    bindings: Object.fromEntries(bindings),
    notify: find("notify") !== false,
    agent: text("agent", "") || DEFAULT_AGENT,
    model: text("model", ""),
    effort: text("effort", ""),
    mode: text("permissions.mode", "ask"),
  };
}
