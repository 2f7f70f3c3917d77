/** The web page in a real browser, in a frame as in an editor. It reaches a real server through this process, and nothing else. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { type Message, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { renderPageHtml } from "../../client/page.ts";
import type { MessageToHost, MessageToPage } from "../../client/webview-messages.ts";

const root = join(import.meta.dirname, "../..");
const ORIGIN = "http://tutti.test";

/** A PNG of one pixel, in base64. */
export const DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** False without a browser, with one message; throws if editors are required. */
export function hasBrowser(): boolean {
  if (browser !== undefined) return true;
  if (process.env.TUTTI_EDITORS === "required") throw new Error("Chromium is required here, and is not installed.");
  process.stdout.write("Chromium is not installed: its tests are skipped.\n");
  return false;
}

export const browserProgram = (): string => browser ?? "";

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserProgram(),
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync"],
    ],
  });

/** Writes docs/screens/NAME.png if UPDATE_SCREENS is set. These are not compared. */
export async function saveScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.UPDATE_SCREENS) await page.screenshot({ path: join(root, "docs/screens", `${name}.png`) });
}

export interface FramedPage {
  page: Page;
  /** Resolves with the last message of this type from the page, once there is one. */
  waitForMessage<T extends MessageToHost["type"]>(type: T): Promise<Extract<MessageToHost, { type: T }>>;
  send(message: MessageToPage): Promise<void>;
  /** URLs that the page requested, except its own files. */
  foreignRequests: string[];
  /** Errors on the console. */
  errors: string[];
  /** Breaks the connections, as when the server dies. */
  disconnect(): void;
  close(): Promise<void>;
}

export interface FrameOptions {
  socket: string;
  cwd: string;
  session: string | null;
}

export async function frame(open: Browser, { socket, cwd, session }: FrameOptions): Promise<FramedPage> {
  const context = await open.newContext({ viewport: { width: 520, height: 760 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const sockets = new Map<number, Socket>();
  const sentMessages = new Map<MessageToHost["type"], MessageToHost>();
  const waiting = new Map<MessageToHost["type"], (message: MessageToHost) => void>();
  const foreignRequests: string[] = [];
  const errors: string[] = [];
  page.on("console", (entry) => entry.type() === "error" && errors.push(entry.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  const send = (message: MessageToPage): Promise<void> =>
    page.evaluate((data) => window.postMessage(data, "*"), message);
  const openConnection = (connection: number): void => {
    const opened = connect(socket);
    const writer = new SocketMessageWriter(opened);
    const reader = new SocketMessageReader(opened);
    sockets.set(connection, opened);
    writers.set(connection, (message) => void writer.write(message));
    reader.listen((message) => void send({ type: "message", connection, message }).catch(() => undefined));
    opened.once("connect", () => void send({ type: "connected", connection }));
    opened.on("error", () => opened.destroy());
    opened.once("close", () => {
      if (sockets.delete(connection))
        send({ type: "disconnected", connection, reason: "the connection ended" }).catch(() => undefined);
    });
  };
  const writers = new Map<number, (message: Message) => void>();
  await page.exposeFunction("toHost", async (message: MessageToHost) => {
    if (message.type === "connect") openConnection(message.connection);
    else if (message.type === "message") writers.get(message.connection)?.(message.message as Message);
    else if (message.type === "disconnect") sockets.get(message.connection)?.end();
    else {
      sentMessages.set(message.type, message);
      waiting.get(message.type)?.(message);
    }
    if (message.type === "ready") await send({ type: "initialize", cwd, session });
  });
  await page.addInitScript(() => {
    let kept: unknown;
    const post = (globalThis as unknown as { toHost(message: unknown): Promise<void> }).toHost;
    Object.assign(globalThis, {
      acquireVsCodeApi: () => ({
        postMessage: (message: unknown) => void post(message),
        getState: () => kept,
        setState: (state: unknown) => {
          kept = state;
        },
      }),
    });
  });
  const html = renderPageHtml({
    nonce: randomBytes(16).toString("hex"),
    script: `${ORIGIN}/webview.js`,
    grammars: `${ORIGIN}/grammars.js`,
    style: `${ORIGIN}/style.css`,
    source: ORIGIN,
  });
  const types = { html: "text/html", js: "text/javascript", css: "text/css" };
  await page.route("**/*", (route) => {
    const url = new URL(route.request().url());
    const name = url.pathname.slice(1);
    const type = types[name.split(".").at(-1) as "js"];
    if (url.origin === ORIGIN && name === "index.html") return route.fulfill({ contentType: types.html, body: html });
    if (url.origin === ORIGIN && type !== undefined)
      return route.fulfill({ contentType: type, body: readFileSync(join(root, "dist/web", name)) });
    foreignRequests.push(url.href);
    return route.abort();
  });
  await page.goto(`${ORIGIN}/index.html`);
  return {
    page,
    waitForMessage: (type) =>
      new Promise((resolve) => {
        const take = (message: MessageToHost): void =>
          resolve(message as Extract<MessageToHost, { type: typeof type }>);
        const already = sentMessages.get(type);
        if (already) take(already);
        else waiting.set(type, take);
      }),
    send,
    foreignRequests,
    errors,
    disconnect() {
      for (const line of sockets.values()) line.destroy();
    },
    async close() {
      await context.close();
      for (const [line, made] of sockets) {
        sockets.delete(line);
        made.destroy();
      }
    },
  };
}
