/** Says what this user is doing to the others who watch the session: rarely enough for a hub, and nothing while no one else is there. */

export interface PresenceReporter {
  /** The prompt has changed; an empty one is not typing. */
  typed(text: string): void;
  /** The part at which this view is, empty where it follows the session. */
  viewing(part: string): void;
}

interface PresenceUpdate {
  typing?: boolean;
  viewing?: string;
}

const STILL_TYPING_MS = 4_000;
const PAUSE_MS = 3_000;
const VIEWING_MS = 400;

/** `isAlone`: no one else watches. `send` must not throw. */
export function createPresenceReporter(
  isAlone: () => boolean,
  send: (update: PresenceUpdate) => void,
): PresenceReporter {
  let sentTypingAt = Number.NEGATIVE_INFINITY;
  let isTyping = false;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let shown = "";
  let next: string | null = null;

  const stopTyping = (): void => {
    clearTimeout(pause);
    if (isTyping) send({ typing: false });
    isTyping = false;
    sentTypingAt = Number.NEGATIVE_INFINITY;
  };
  const sendViewing = (): void => {
    if (next !== null && next !== shown) send({ viewing: next });
    shown = next ?? shown;
    next = null;
  };
  return {
    typed(text) {
      if (text === "") return stopTyping();
      if (isAlone()) return;
      clearTimeout(pause);
      pause = setTimeout(stopTyping, PAUSE_MS);
      const now = Date.now();
      if (now - sentTypingAt >= STILL_TYPING_MS) {
        sentTypingAt = now;
        isTyping = true;
        send({ typing: true });
      }
    },
    viewing(part) {
      if (next === null && (part === shown || isAlone())) return;
      if (next === null) setTimeout(sendViewing, VIEWING_MS);
      next = part;
    },
  };
}
