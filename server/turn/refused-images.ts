/** The images that an endpoint refuses. It is learned from failures, and stored when a request without them was accepted. */
import type { ModelFailure } from "../ports.ts";
import type { StoredMessage } from "../session/history.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { listImages } from "./context-budget.ts";

export interface RefusedImages {
  isRefused(blob: string): boolean;
  /**
   * Leaves out the images that no response has followed yet; if there are none, all images if the failure mentions them. False if there
   * is nothing to leave out. `sent`: the messages of the request that failed.
   */
  leaveOut(failure: ModelFailure, sent: readonly StoredMessage[]): boolean;
  /** The endpoint accepted the last request. */
  reportLeftOut(): void;
}

export function createRefusedImages({ history, append }: TurnSession, model: string): RefusedImages {
  let leftOut: readonly string[] = [];
  return {
    isRefused: (blob) => leftOut.includes(blob) || history.isImageRefused(model, blob),
    leaveOut({ kind, message }, sent) {
      const isAboutImages = /image|multimodal|mmproj/i.test(message);
      if (leftOut.length > 0 || (kind === "server" && !isAboutImages)) return false;
      const answered = sent.findLastIndex(({ role }) => role === "assistant");
      const list = (messages: readonly StoredMessage[]) =>
        messages.flatMap(listImages).filter((blob) => !history.isImageRefused(model, blob));
      const fresh = list(sent.slice(answered + 1));
      leftOut = [...new Set(fresh.length > 0 || !isAboutImages ? fresh : list(sent))];
      return leftOut.length > 0;
    },
    reportLeftOut() {
      if (leftOut.length === 0) return;
      const [count, rest] = leftOut.length === 1 ? ["an image", "it"] : [`${leftOut.length} images`, "them"];
      append(
        {
          type: "notice.shown",
          level: "warning",
          text: `${model} could not read ${count}. The conversation continues without ${rest}.`,
          refusedImages: { model, blobs: [...leftOut] },
        },
        SERVER_AUTHOR,
      );
      leftOut = [];
    },
  };
}
