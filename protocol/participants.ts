/** Who watches a session: a list that is limited for large sessions, and the number of all. Pure. */
import type { Participant, Role } from "./method.ts";

export interface ParticipantList {
  participants: readonly Participant[];
  /** All of them, also those that are not listed. */
  count: number;
}

/** How a list has changed. */
export interface PresenceChange {
  count: number;
  added: readonly Participant[];
  /** Ids. */
  removed: readonly string[];
  /** Those who do something else now; absent while there are none. */
  changed?: readonly Participant[];
}

export const LISTED_PARTICIPANTS = 100;

export const nobody: ParticipantList = { participants: [], count: 0 };

/** Guests that can allow calls on the owner's machine must be visible, whoever else is there. */
const order: readonly Role[] = ["approver", "owner", "driver", "commenter", "viewer"];

/** `all`: in the order in which they began to watch. */
export function listParticipants(all: readonly Participant[]): ParticipantList {
  if (all.length <= LISTED_PARTICIPANTS) return { participants: all, count: all.length };
  const byRole = order.flatMap((role) => all.filter((participant) => participant.role === role));
  const listed = new Set(byRole.slice(0, LISTED_PARTICIPANTS));
  return { participants: all.filter((participant) => listed.has(participant)), count: all.length };
}

/** Null if nothing has changed. */
export function comparePresence(before: ParticipantList, current: ParticipantList): PresenceChange | null {
  const { count } = current;
  const added = participantsNotIn(before, current);
  const removed = participantsNotIn(current, before).map(({ id }) => id);
  const known = new Map(before.participants.map((participant) => [participant.id, participant]));
  const changed = current.participants.filter((participant) => {
    const earlier = known.get(participant.id);
    return earlier !== undefined && !doesSame(earlier, participant);
  });
  if (added.length + removed.length + changed.length === 0 && count === before.count) return null;
  return { count, added, removed, ...(changed.length > 0 && { changed }) };
}

const doesSame = (one: Participant, other: Participant): boolean =>
  one === other || (one.typing === other.typing && one.hand === other.hand && one.viewing === other.viewing);

export function applyPresence(
  { participants }: ParticipantList,
  { count, added, removed, changed = [] }: PresenceChange,
): ParticipantList {
  const gone = new Set(removed);
  const now = new Map(changed.map((participant) => [participant.id, participant]));
  const kept = participants.filter(({ id }) => !gone.has(id)).map((one) => now.get(one.id) ?? one);
  return { participants: [...kept, ...added], count };
}

export function participantsNotIn(known: ParticipantList, list: ParticipantList): Participant[] {
  const ids = new Set(known.participants.map(({ id }) => id));
  return list.participants.filter(({ id }) => !ids.has(id));
}
