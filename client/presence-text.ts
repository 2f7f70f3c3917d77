/** Describes who joined and left a session, and who raised a hand. */
import type { Participant } from "../protocol/method.ts";
import { type ParticipantList, participantsNotIn } from "../protocol/participants.ts";

/** Beyond so many at once, they are counted instead of named. */
const MAX_NAMES = 3;

/** A list that does not have everyone shows its count only: being listed is not joining. `clean`: makes a name safe to show. */
export function describePresenceChange(
  before: ParticipantList,
  current: ParticipantList,
  clean: (name: string) => string,
): string[] {
  const isPartial = [before, current].some(({ participants, count }) => participants.length < count);
  if (isPartial) return [];
  const describe = (participants: readonly Participant[], verb: string): string[] =>
    participants.length > MAX_NAMES
      ? [`${participants.length} participants ${verb}.`]
      : participants.map(({ name, client }) => `${clean(`${name} (${client})`)} ${verb}.`);
  return [
    ...describe(participantsNotIn(before, current), "joined"),
    ...describe(participantsNotIn(current, before), "left"),
    ...describe(handsNotIn(before, current), "raised a hand"),
  ];
}

function handsNotIn(before: ParticipantList, { participants }: ParticipantList): Participant[] {
  const raised = new Set(before.participants.filter(({ hand }) => hand).map(({ id }) => id));
  return participants.filter(({ id, hand }) => hand === true && !raised.has(id));
}
