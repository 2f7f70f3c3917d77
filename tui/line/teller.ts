/** Tells what happens, once and in order: in the session that is followed, to the connection, and who comes and goes. */

import type { Hears } from "../../client/kept.ts";
import type { Participant } from "../../protocol/method.ts";
import type { SessionView } from "../../protocol/view.ts";

import { exitOf } from "./ending.ts";
import type { Pages } from "./pages.ts";
import type { Said, Speaker } from "./paper.ts";
import { foundAs, type Told, tell } from "./told.ts";
import { oneLine } from "./words.ts";

export interface Teller {
  /** What the server connection hears. */
  hears: Hears;
  /** Tells all that there is by now. */
  now(view: SessionView | null): void;
  afterwards(speaker: Speaker, text: string): void;
  /** Follows this session from here on, or none. */
  follow(view: SessionView | null): void;
  typed(text: string): void;
  answered(question: string): void;
  isAnswered(question: string): boolean;
  /** The question that was told last and is still open. */
  question(): string | null;
}

/** `changed`: there is something to tell. `began` and `ended` are told of turns, `asked` of questions that come and go. */
export function openTeller(
  pages: Pages,
  on: { changed(): void; asked(): void; began(): void; ended(exit: number): void },
): Teller {
  let told: Told | null = null;
  const later: Said[] = [];
  const answered = new Set<string>();
  let connection: "connecting" | "connected" | "lost" = "connecting";
  let present: readonly Participant[] | null = null;

  const afterwards = (speaker: Speaker, text: string): void => {
    later.push({ speaker, text });
    on.changed();
  };
  return {
    afterwards,
    hears: {
      connection(now) {
        // The first of many attempts says it for all.
        if (now.state === "lost" && connection === "connected") afterwards("notice", `${now.why} Connecting again.`);
        if (now.state === "connected" && connection === "lost") afterwards("notice", "Connected again.");
        connection = now.state;
        present = null;
      },
      connected: () => undefined,
      changed: on.changed,
      happened({ by, event }) {
        if (event.type === "question.answered" && !answered.has(event.question))
          afterwards("question", `${oneLine(by.name)} answered: ${oneLine(event.answer)}`);
        if (event.type === "question.expired") afterwards("question", `It is not asked any more: ${event.reason}.`);
      },
      present(now) {
        for (const name of present ? namesOf(now, present) : []) afterwards("notice", `${name} is here now.`);
        for (const name of namesOf(present ?? [], now)) afterwards("notice", `${name} has left.`);
        present = now;
      },
      problem: (text) => afterwards("error", text),
    },
    now(view) {
      pages.say(later.splice(0));
      if (!view || !told) return;
      const before = told;
      const { told: next, said } = tell(before, view, Date.now());
      told = next;
      pages.say(said);
      if (next.question !== before.question) on.asked();
      if (next.ended !== before.ended && view.lastEnd) on.ended(exitOf(view.lastEnd));
      if (next.turn !== null && next.turn !== before.turn) on.began();
    },
    follow(view) {
      const found = view && foundAs(view, Date.now());
      told = found?.told ?? null;
      pages.say(found?.said ?? []);
    },
    typed(text) {
      if (told) told = { ...told, typed: [...told.typed, text] };
    },
    answered: (question) => void answered.add(question),
    isAnswered: (question) => answered.has(question),
    question: () => told?.question ?? null,
  };
}

/** Those who are not among the others. */
const namesOf = (all: readonly Participant[], others: readonly Participant[]): string[] =>
  all
    .filter(({ id }) => !others.some((one) => one.id === id))
    .map(({ name, client }) => `${oneLine(name)} at a ${oneLine(client)}`);
