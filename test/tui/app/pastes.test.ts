/** Keys after a pasted image wait for it, but never for longer than reading it may take. */
import assert from "node:assert/strict";
import type { App } from "../../../tui/app/app.ts";
import { createInitialState } from "../../../tui/app/initial-state.ts";
import { createPasteHandler } from "../../../tui/app/pastes.ts";

/** Pastes an image whose reading the test ends, with the key `x` after it. */
function pasteImage({ setFails = false } = {}) {
  const options = { cwd: "/w", version: "1", settings: {}, screenMode: "screen" } as const;
  let state = createInitialState(options, { columns: 80, rows: 24 });
  const reading = Promise.withResolvers<null>();
  const timers: (() => void)[] = [];
  const handled: string[] = [];
  let done: Promise<unknown> = Promise.resolve();
  const app: Pick<App, "state" | "set" | "attempt"> = {
    state: () => state,
    set(change) {
      if (setFails) throw new Error("cannot be drawn");
      state = { ...state, ...change };
    },
    attempt(work) {
      done = work().catch((error: Error) => error.message);
    },
  };
  const pastes = createPasteHandler<string>(
    app,
    { hide: () => undefined },
    (event) => handled.push(event),
    () => reading.promise,
    (callback) => timers.push(callback),
  );
  pastes.insert("/pictures/dot.png");
  const isDeferred = pastes.defer("x");
  return { reading, timers, handled, pastes, isDeferred, done: () => done, prompt: () => state.input.editor.text };
}

describe("keys after a pasted image", () => {
  it("are handled after the image is read", async () => {
    const { reading, handled, pastes, isDeferred, done, prompt } = pasteImage();
    assert.ok(isDeferred);
    assert.deepEqual(handled, []);
    reading.resolve(null);
    await done();
    assert.equal(prompt(), "/pictures/dot.png");
    assert.deepEqual(handled, ["x"]);
    assert.equal(pastes.defer("y"), false);
  });

  it("are handled, and its path is inserted, when it cannot be read in time", async () => {
    const { timers, handled, pastes, done, prompt } = pasteImage();
    for (const fire of timers) fire();
    await done();
    assert.equal(prompt(), "/pictures/dot.png");
    assert.deepEqual(handled, ["x"]);
    assert.equal(pastes.defer("y"), false);
  });

  it("are handled when reading or inserting it fails", async () => {
    const rejected = pasteImage();
    rejected.reading.reject(new Error("no memory"));
    assert.equal(await rejected.done(), "no memory");
    const broken = pasteImage({ setFails: true });
    broken.reading.resolve(null);
    assert.equal(await broken.done(), "cannot be drawn");
    for (const { handled, pastes } of [rejected, broken]) {
      assert.deepEqual(handled, ["x"]);
      assert.equal(pastes.defer("y"), false);
    }
  });
});
