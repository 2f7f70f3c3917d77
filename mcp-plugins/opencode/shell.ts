/** `$` of OpenCode plugins, where they do not run under Bun: a small part of Bun's shell, on /bin/sh. */
import { spawn } from "node:child_process";

export interface ShellOutput {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
  text(): string;
  json(): unknown;
}

export interface ShellPromise extends PromiseLike<ShellOutput> {
  quiet(): ShellPromise;
  nothrow(): ShellPromise;
  throws(doesThrow: boolean): ShellPromise;
  cwd(folder: string): ShellPromise;
  env(variables: Record<string, string | undefined>): ShellPromise;
  text(): Promise<string>;
  json(): Promise<unknown>;
  lines(): Promise<string[]>;
  catch<T>(failed: (error: unknown) => T): Promise<ShellOutput | T>;
  finally(done: () => void): Promise<ShellOutput>;
}

interface Settings {
  cwd: string;
  env: Record<string, string | undefined>;
  throws: boolean;
  quiet: boolean;
}

export function createShell(cwd: string) {
  const defaults: Settings = { cwd, env: process.env, throws: true, quiet: false };
  const shell = (texts: TemplateStringsArray, ...values: unknown[]): ShellPromise =>
    createPromise(texts.map((text, index) => text + (index < values.length ? toWords(values[index]) : "")).join(""), {
      ...defaults,
    });
  return Object.assign(shell, {
    escape: (text: string) => quote(text),
    nothrow: () => Object.assign(defaults, { throws: false }) && shell,
    throws: (throws: boolean) => Object.assign(defaults, { throws }) && shell,
    cwd: (folder: string) => Object.assign(defaults, { cwd: folder }) && shell,
    env: (env: Settings["env"]) => Object.assign(defaults, { env }) && shell,
  });
}

/** A value is always one word; a list is several; only `{raw}` is shell syntax. */
function toWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(toWords).join(" ");
  if (typeof value === "object" && value !== null && "raw" in value) return String(value.raw);
  return quote(String(value));
}

const quote = (text: string): string => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function createPromise(command: string, settings: Settings): ShellPromise {
  let running: Promise<ShellOutput> | null = null;
  const start = (): Promise<ShellOutput> => (running ??= run(command, settings));
  const set = (change: Partial<Settings>): ShellPromise => {
    Object.assign(settings, change);
    return promise;
  };
  const promise: ShellPromise = {
    // biome-ignore lint/suspicious/noThenProperty: like Bun's, it starts when it is awaited.
    then: (done, failed) => start().then(done, failed),
    catch: (failed) => start().catch(failed),
    finally: (done) => start().finally(done),
    quiet: () => set({ quiet: true }),
    nothrow: () => set({ throws: false }),
    throws: (throws) => set({ throws }),
    cwd: (cwd) => set({ cwd }),
    env: (env) => set({ env }),
    async text() {
      return (await set({ quiet: true })).text();
    },
    async json() {
      return (await set({ quiet: true })).json();
    },
    async lines() {
      return (await promise.text()).replace(/\n$/, "").split("\n");
    },
  };
  return promise;
}

function run(command: string, { cwd, env, throws, quiet }: Settings): Promise<ShellOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn("/bin/sh", ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const [stdout, stderr] = [Buffer.concat(out), Buffer.concat(err)];
      // Standard output belongs to the protocol of the adapter.
      if (!quiet) process.stderr.write(Buffer.concat([stdout, stderr]));
      const exitCode = code ?? (signal === null ? 1 : 128);
      const text = (): string => stdout.toString("utf8");
      const output = { exitCode, stdout, stderr, text, json: () => JSON.parse(text()) as unknown };
      if (exitCode === 0 || !throws) resolve(output);
      else reject(Object.assign(new Error(`Failed with exit code ${exitCode}`), output));
    });
  });
}
