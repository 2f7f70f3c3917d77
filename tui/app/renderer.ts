/** Draws frames from the state, and keeps the spinner turning while a turn runs. */

import type { Comment } from "../../protocol/together.ts";
import type { Frame } from "../draw/frame.ts";
import { cursorShapeOf, keyboardStatus, promptSelection } from "../keys/keyboard.ts";
import type { Screen } from "../screen.ts";
import { type ComposeOptions, composeScreen } from "../screens/compose.ts";
import type { TextRenderer } from "../screens/text-renderer.ts";
import type { App } from "./app.ts";
import { firstBinding } from "./bound-keys.ts";
import type { RecentFrames } from "./recent-frames.ts";
import type { State } from "./state.ts";

export interface Renderer {
  draw(): void;
  composeOptions(): ComposeOptions;
  /** The terminal accepts output again. Returns true if a frame was skipped before. */
  takeSkipped(): boolean;
  stop(): void;
}

export interface RendererDeps {
  app: App;
  screen: Pick<Screen, "draw" | "isReady">;
  frames: RecentFrames;
  texts: TextRenderer;
  /** Rows that leave the screen with this frame, in inline mode. */
  scrollback(state: State, rows: number): Frame | null;
  /** Changes the state without scheduling another frame. */
  update(change: Partial<State>): void;
  afterDraw(state: State): void;
}

const TICK_MS = 120;
const noComments: readonly Comment[] = [];

export function createRenderer(deps: RendererDeps): Renderer {
  const { app, screen, frames, texts } = deps;
  let isSkipped = false;
  let spinner: NodeJS.Timeout | undefined;

  const updateSpinner = ({ view }: State): void => {
    const isWorking = view?.activity.state === "running" && view.questions.length === 0;
    if (isWorking && !spinner) spinner = setInterval(() => app.set({ tick: app.state().tick + 1 }), TICK_MS);
    else if (!isWorking) {
      clearInterval(spinner);
      spinner = undefined;
    }
  };
  const composeOptions = (): ComposeOptions => {
    const { input } = app.state();
    const keyboard = app.keyboard();
    const { mode, pending } = keyboardStatus(keyboard, input);
    return {
      transcript: app.transcript,
      keysFor: (action) => firstBinding(keyboard, action, process.env),
      keyboardStatus: [mode ?? "", pending].filter((one) => one !== "").join(" "),
      cursorShape: cursorShapeOf(keyboard, input),
      selection: promptSelection(keyboard, input),
      diff: (text, columns) => texts.diff(text, columns, false),
    };
  };
  return {
    draw() {
      if (!screen.isReady()) {
        isSkipped = true;
        return;
      }
      deps.update({ view: app.server.currentView() ?? app.state().view, now: app.now() });
      const state = app.state();
      app.transcript.setComments(state.view?.comments ?? noComments);
      const frame = composeScreen(state, composeOptions());
      frames.add(frame);
      screen.draw(frame, app.themes.palette(), deps.scrollback(state, frame.scrollRegion?.height ?? 0));
      deps.afterDraw(state);
      updateSpinner(state);
    },
    composeOptions,
    takeSkipped() {
      const wasSkipped = isSkipped;
      isSkipped = false;
      return wasSkipped;
    },
    stop: () => clearInterval(spinner),
  };
}
