/** What the configuration says of the terminal, as the server has read it. */
import type { Server } from "../../client/kept.ts";

export interface LoadedSettings {
  theme: string;
  keys: "default" | "vim" | "emacs";
  bindings: Record<string, string>;
  notify: boolean;
  model: string;
  effort: string;
  mode: string;
}

export async function readSettings(server: Pick<Server, "call">, cwd: string): Promise<LoadedSettings> {
  const { values } = await server.call("configRead", { cwd });
  const find = (key: string): unknown => values.find((one) => one.key === key)?.value;
  const text = (key: string, usual: string): string => {
    const value = find(key);
    return typeof value === "string" ? value : usual;
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
    model: text("model", ""),
    effort: text("effort", ""),
    mode: text("permissions.mode", "ask"),
  };
}
