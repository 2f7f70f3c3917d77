/** Reads session logs and exports of version 0.1.0: their events become events of today. The only place that knows the old shapes. Pure. */
import type { Envelope } from "./events.ts";

type OldEvent = { type: string } & Record<string, unknown>;

/** Envelopes as JSON, in order. Those of today come back as they are: the check costs a look at a few types of event. */
export const upgradeLog = (envelopes: readonly Envelope[]): Envelope[] => envelopes.map(createUpgrade());

/** Upgrades the envelopes of one log, which must come in order. */
export function createUpgrade(): (envelope: Envelope) => Envelope {
  const choices = new Map<unknown, ReadonlySet<string>>();
  return (envelope) => {
    const event = upgradeEvent(envelope.event as OldEvent, choices);
    return event === (envelope.event as OldEvent) ? envelope : { ...envelope, event: event as Envelope["event"] };
  };
}

/** `choices`: the ids of the choices of each question so far, since an old answer does not tell whether it is one of them. */
function upgradeEvent(event: OldEvent, choices: Map<unknown, ReadonlySet<string>>): OldEvent {
  switch (event.type) {
    case "edits.kept":
      return { ...event, type: "edits.accepted" };
    case "model.routed":
      return "why" in event ? renameField(event, "why", "reason") : event;
    case "text.done":
      return "cut" in event ? renameField(event, "cut", "incomplete") : event;
    case "reasoning.done": {
      const renamed = "cut" in event ? renameField(event, "cut", "incomplete") : event;
      return "replay" in renamed ? renameField(renamed, "replay", "providerMetadata") : renamed;
    }
    case "call.asked":
      return "replay" in event ? renameField(event, "replay", "providerMetadata") : event;
    case "question.asked":
      if (Array.isArray(event.choices)) choices.set(event.question, new Set(event.choices.map((choice) => choice?.id)));
      return event.kind === "permission" ? { ...event, kind: "approval" } : event;
    case "question.answered": {
      const { answer } = event;
      if (typeof answer !== "string") return event;
      const isChoice = choices.get(event.question)?.has(answer) ?? ["yes", "no", "always"].includes(answer);
      return { ...event, answer: isChoice ? { choice: answer } : { text: answer } };
    }
    default:
      return event;
  }
}

function renameField(event: OldEvent, from: string, to: string): OldEvent {
  const { [from]: value, ...rest } = event;
  return { ...rest, type: event.type, [to]: value };
}
