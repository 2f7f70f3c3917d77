/** What an editor was sent of a session so far: its status, and the text of parts that are open. */
import type { SessionView } from "../protocol/view.ts";
import type { Block, SessionStatus, Update } from "./editor.ts";
import { responseIdOf } from "./updates.ts";

export interface SentState {
  isIdle(): boolean;
  /** Sends the status where it differs from the one that was sent last. */
  setStatus(state: SessionStatus): Promise<void>;
  /** Sends an idle session without the outcome of its last turn. */
  sendInitialStatus(state: SessionStatus): Promise<void>;
  sendPrompt(id: string, prompt: string, blocks: readonly Block[]): Promise<void>;
  addText(response: string, text: string): void;
  /** The text sent so far of a response that has ended. */
  takeText(response: string): string;
  /** The text of open parts in a snapshot counts as sent. */
  setTexts(view: SessionView): void;
}

export function createSentState(
  send: (update: Update) => Promise<void>,
  takeOwnBlocks: (promptOrMessage: string) => readonly Block[] | undefined,
): SentState {
  let status: SessionStatus["status"] = "idle";
  const texts = new Map<string, string>();
  return {
    isIdle: () => status === "idle",
    async setStatus(state) {
      if (state.status === status) return;
      status = state.status;
      await send({ type: "state", state });
    },
    async sendInitialStatus(state) {
      status = state.status;
      await send({ type: "state", state: state.status === "idle" ? { status: "idle", end: null } : state });
    },
    async sendPrompt(id, prompt, blocks) {
      const own = takeOwnBlocks(prompt);
      await send({ type: "prompt", id, blocks: own ?? blocks, own: own !== undefined });
    },
    addText(response, text) {
      texts.set(response, (texts.get(response) ?? "") + text);
    },
    takeText(response) {
      const text = texts.get(response) ?? "";
      texts.delete(response);
      return text;
    },
    setTexts(view) {
      texts.clear();
      for (const part of view.parts)
        if ((part.type === "text" || part.type === "reasoning") && part.open) texts.set(responseIdOf(part), part.text);
    },
  };
}
