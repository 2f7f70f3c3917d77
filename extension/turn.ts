/** One turn from beginning to end, for those who only want to hear of it: the chat of the editor, and its tools. */
import { connectLocal } from "../client/local.ts";
import type { Envelope } from "../protocol/events.ts";
import type { Ext } from "./ext.ts";

export interface Told {
  /** The session is there, and the turn is about to begin. */
  session(id: string): void;
  text(piece: string): void;
  /** A call has begun. */
  call(title: string): void;
  question(title: string, session: string): void;
}

export interface Turn {
  session: string;
  /** The last answer. */
  said: string;
  outcome: string;
}

/** On a connection of its own; `session` is gone on with where there is one. */
export async function runTurn(
  ext: Ext,
  prompt: { text: string; session: string | null },
  told: Told,
  cancelled: AbortSignal,
): Promise<Turn> {
  const hello = { client: { name: "vscode chat", version: ext.version }, answers: true };
  const link = await connectLocal(await ext.local(), hello);
  const stop = (): void => void link.call("turnCancel", { session }).catch(() => undefined);
  const { session } =
    prompt.session === null ? await link.call("sessionCreate", { cwd: ext.cwd() }) : { session: prompt.session };
  told.session(session);
  try {
    let said = "";
    let mine: string | undefined;
    const early: Envelope[] = [];
    const outcome = await new Promise<string>((resolve, reject) => {
      const hear = ({ event }: Envelope): void => {
        if (event.type === "text.delta" && event.turn === mine) told.text(event.text);
        else if (event.type === "text.done" && event.turn === mine) said = event.text;
        else if (event.type === "call.asked" && event.turn === mine) told.call(event.title);
        else if (event.type === "question.asked") told.question(event.title, session);
        else if (event.type === "turn.ended" && event.turn === mine) resolve(event.failure?.message ?? event.outcome);
      };
      const event = (envelope: Envelope): void => void (mine === undefined ? early.push(envelope) : hear(envelope));
      void link.closed.then((why) => reject(new Error(why ?? "The connection ended.")));
      link
        .watch(session, { event, snapshot: () => undefined }, 1)
        .then(() => link.call("turnPrompt", { session, text: prompt.text }))
        .then(({ turn }) => {
          if (turn === undefined) throw new Error("Another turn runs in this session; it waits behind that.");
          mine = turn;
          cancelled.addEventListener("abort", stop);
          if (cancelled.aborted) stop();
          for (const envelope of early) hear(envelope);
        })
        .catch(reject);
    });
    return { session, said, outcome };
  } finally {
    cancelled.removeEventListener("abort", stop);
    await link.close();
  }
}
