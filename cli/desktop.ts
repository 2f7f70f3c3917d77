/** `tutti desktop`: the web page of the local server, or a shared session, in a window of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { findSession } from "../client/find-session.ts";
import { formatWebLink } from "../client/web-link.ts";
import { describeError, TuttiError } from "../protocol/errors.ts";
import { parseShareLink } from "../protocol/share/share-link.ts";
import { usageError } from "./args.ts";
import type { Command, CommandInput } from "./command.ts";
import { findAppBrowser } from "./find-app-browser.ts";
import { sanitize } from "./print/text.ts";

export const desktop: Command = {
  name: "desktop",
  operands: "[SESSION|LINK]",
  purpose:
    "Open the web page of the local server in a window of its own, by an installed browser of the Chromium family. LINK is a link to a shared session.",
  flags: [
    { name: "browser", value: "PROGRAM", purpose: "The browser to use: Chrome, Chromium, Edge, Brave or Vivaldi" },
  ],
  examples: ["tutti desktop", "tutti desktop last"],
  async run(input) {
    const [named, ...more] = input.positionals;
    if (more.length > 0) throw usageError("Pass one session or link at most: `tutti desktop SESSION`.");
    const browser = chooseBrowser(input.text("browser"));
    const profile = join(await input.dataFolder(), "desktop");
    if (named !== undefined && /^https?:/.test(named)) {
      parseShareLink(named);
      const { started, failed } = openWindow(browser, named, profile);
      await Promise.race([started, failed]);
      input.terminal.note("Opened the shared session in a window.\n");
      return 0;
    }
    return openSessions(input, named, (address) => openWindow(browser, address, profile));
  },
};

async function openSessions(
  input: CommandInput,
  named: string | undefined,
  open: (address: string) => AppWindow,
): Promise<number> {
  const link = await input.connect({ cwd: input.cwd, attach: "local", project: true, answers: false });
  try {
    const session = named === undefined ? undefined : (await findSession(link, named, input.cwd)).id;
    const opened = await link.call("webOpen", {});
    const address = formatWebLink(opened, { folder: input.cwd, ...(session !== undefined && { session }) });
    const shown = link.call("webOpened", { ticket: opened.ticket });
    const isShown = await Promise.race([shown, open(address).failed]);
    if (!isShown.opened)
      throw new TuttiError(
        "failed",
        "The browser did not open the page within a minute. `tutti web` opens it in a tab.",
      );
    input.terminal.note("Opened in a window of its own.\n");
    return 0;
  } finally {
    await link.close();
  }
}

function chooseBrowser(named: string | undefined): string {
  if (named !== undefined) {
    if (named.includes("/") && !isAbsolute(named)) throw usageError("--browser requires a name or an absolute path.");
    return named;
  }
  const found = findAppBrowser(process.env, process.platform);
  if (found !== null) return found;
  throw new TuttiError(
    "notFound",
    "No browser of the Chromium family is installed (Chrome, Chromium, Edge, Brave, Vivaldi). Install one, name one with --browser, or use `tutti web`.",
  );
}

interface AppWindow {
  /** Resolves when the program runs. */
  started: Promise<unknown>;
  /** Rejects if it cannot be started, or ends with an error. */
  failed: Promise<never>;
}

/** `profile`: a folder of its own, so that no extension of the user's browser reads the page. */
function openWindow(browser: string, address: string, profile: string): AppWindow {
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const logFile = join(profile, "browser.log");
  const log = openSync(logFile, "w", 0o600);
  const flags = [`--app=${address}`, `--user-data-dir=${profile}`, "--no-first-run", "--no-default-browser-check"];
  const child = spawn(browser, [...flags, "--window-size=1280,860"], {
    stdio: ["ignore", "ignore", log],
    detached: true,
  });
  closeSync(log);
  const failed = Promise.withResolvers<never>();
  child.once("error", (error) => {
    failed.reject(new TuttiError("failed", `Cannot start the browser: ${describeError(error)}.`));
  });
  child.once("exit", (code) => {
    const last = sanitize(readFileSync(logFile, "utf8").trim().split("\n").at(-1) ?? "");
    if (code !== 0) failed.reject(new TuttiError("failed", `${browser} ended without a window. It wrote: ${last}`));
  });
  failed.promise.catch(() => undefined);
  const started = once(child, "spawn");
  started.catch(() => undefined);
  child.unref();
  return { started, failed: failed.promise };
}
