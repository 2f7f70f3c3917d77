/** What one client is as a participant: who it is, and what it says that it is doing. */
import type { Participant } from "../../protocol/method.ts";
import type { ParamsOf } from "../../protocol/methods.ts";

export interface ParticipantState {
  /** Null until `initialize` was called. */
  get(): Participant | null;
  initialize(participant: Participant): void;
  update(update: ParamsOf<"presenceUpdate">): void;
  close(): void;
}

/** A client that was suspended while typing never says that it has stopped. */
const TYPING_MS = 8_000;

/** `changed`: it does something else in this session now. */
export function createParticipantState(changed: (session: string) => void): ParticipantState {
  let participant: Participant | null = null;
  let timer: NodeJS.Timeout | undefined;
  const update: ParticipantState["update"] = ({ session, typing, hand, viewing }) => {
    if (!participant) return;
    const { typing: typed, hand: raised, viewing: viewed, ...person } = participant;
    const now = { typing: typing ?? typed, hand: hand ?? raised, viewing: viewing ?? viewed };
    participant = {
      ...person,
      ...(now.typing && { typing: true }),
      ...(now.hand && { hand: true }),
      ...(now.viewing && { viewing: now.viewing }),
    };
    if (typing !== undefined) clearTimeout(timer);
    if (typing) timer = setTimeout(() => update({ session, typing: false }), TYPING_MS).unref();
    changed(session);
  };
  return {
    get: () => participant,
    initialize(initial) {
      participant = initial;
    },
    update,
    close: () => clearTimeout(timer),
  };
}
