/** Reads the view that a running client holds in memory, by the debugger of its program: what it has reduced, not what it draws. */
import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import type { SessionView } from "../../protocol/view.ts";

type Send = (method: string, params: Record<string, unknown>) => Promise<unknown>;

/** Runs in the program: of all objects, the newest view of this session. */
const findView = `function (session) {
  let found = null;
  for (const one of this) {
    let isView = false;
    try {
      isView = Object.hasOwn(one, "seq") && Object.hasOwn(one, "parts") && Object.hasOwn(one, "queueWaits") && one.id === session;
    } catch {}
    if (isView && (found === null || one.seq >= found.seq)) found = one;
  }
  return JSON.stringify(found);
}`;

async function findHeldView(send: Send, session: string): Promise<SessionView | null> {
  const { result: prototype } = (await send("Runtime.evaluate", { expression: "Object.prototype" })) as {
    result: { objectId: string };
  };
  const { objects } = (await send("Runtime.queryObjects", { prototypeObjectId: prototype.objectId })) as {
    objects: { objectId: string };
  };
  const { result } = (await send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    functionDeclaration: findView,
    arguments: [{ value: session }],
    returnByValue: true,
  })) as { result: { value: string } };
  await send("Runtime.releaseObject", { objectId: objects.objectId });
  return JSON.parse(result.value) as SessionView | null;
}

/** The view that a page in Chromium holds. */
export async function viewInPage(page: Page, session: string): Promise<SessionView | null> {
  const inspector = await page.context().newCDPSession(page);
  try {
    return await findHeldView(
      (method, params) => inspector.send(method as "Runtime.evaluate", params as never),
      session,
    );
  } finally {
    await inspector.detach();
  }
}

/** The view that a Node.js program holds which was started with `--inspect`. `address`: what it printed, as `ws://…`. */
export async function viewInProgram(address: string, session: string): Promise<SessionView | null> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
  const waiting = new Map<number, (result: unknown) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  let last = 0;
  const send: Send = (method, params) =>
    new Promise((resolve) => {
      const id = ++last;
      waiting.set(id, resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    return await findHeldView(send, session);
  } finally {
    socket.close();
  }
}

/** Equal for views with the same content, in whatever order it arrived. */
export const hashContent = (view: SessionView): string =>
  createHash("sha256").update(JSON.stringify(view, sortKeys)).digest("hex");

const sortKeys = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;
