/** Starts the process that loads an OpenCode plugin, and calls the plugin's hooks and tools. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FromAdapter, FromPlugin, Json, Loaded } from "./messages.ts";

export interface LoadedPlugin extends Loaded {
  /** `output` as the hook left it. Rejects with what the hook threw. */
  hook(name: string, input: Json, output: Json): Promise<Json>;
  event(event: Json): Promise<void>;
  tool(name: string, args: Json, context: Json, signal: AbortSignal): Promise<string>;
}

type Notify = (level: "info" | "warning" | "error", text: string) => void;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** `program`: the file to run, `bun`: Bun, or null for this Node. Rejects with why the module could not be loaded. */
export function loadPlugin(
  { program, bun, module, directory }: { program: string; bun: string | null; module: string; directory: string },
  notify: Notify,
): Promise<LoadedPlugin> {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const child = spawn(bun ?? process.execPath, [...(bun === null ? nodeFlags() : []), program], {
    cwd: directory,
    stdio: ["ignore", 2, 2, "ipc"],
    serialization: "json",
  });
  const send = (message: FromAdapter): void => void child.send(message);
  const request = async (message: Extract<FromAdapter, { id: number }>): Promise<unknown> => {
    if (!child.connected) throw new Error("the process of the plugin has ended");
    return new Promise((resolve, reject) => {
      waiting.set(message.id, { resolve, reject });
      send(message);
    });
  };
  const plugin = (loaded: Loaded): LoadedPlugin => ({
    ...loaded,
    hook: async (name, input, output) => (await request({ type: "hook", id: ++lastId, name, input, output })) as Json,
    async event(event) {
      await request({ type: "event", id: ++lastId, event });
    },
    async tool(name, args, context, signal) {
      const id = ++lastId;
      signal.addEventListener("abort", () => child.connected && send({ type: "abort", id }), { once: true });
      return String(await request({ type: "tool", id, name, args, context }));
    },
  });
  return new Promise((resolve, reject) => {
    child.on("message", (message: FromPlugin) => {
      if (message.type === "loaded") resolve(plugin(message.loaded));
      else if (message.type === "failed") reject(new Error(message.message));
      else if (message.type === "notify") notify(message.level, message.text);
      else {
        const caller = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.type === "result") caller?.resolve(message.result);
        else caller?.reject(new Error(message.message));
      }
    });
    child.on("error", reject);
    child.on("close", (code) => {
      const error = new Error(
        `${module}: the process of the plugin ended with ${code === null ? "a signal" : `code ${code}`}`,
      );
      reject(error);
      for (const caller of waiting.values()) caller.reject(error);
      waiting.clear();
    });
    send({ type: "load", module, directory, worktree: findWorktree(directory) });
  });
}

/** Node removes types by itself; these also convert enums and parameter properties. */
const nodeFlags = (): string[] =>
  ["--experimental-transform-types", "--disable-warning=ExperimentalWarning"].filter((flag) =>
    process.allowedNodeEnvironmentFlags.has(flag.split("=", 1)[0] ?? ""),
  );

/** The folder of the repository, or this one. */
function findWorktree(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return directory;
  }
}
