/** Runs one turn from start to end, for VS Code's chat and language model tool. */
import { describeDisconnect } from "../client/errors.ts";
import { connectLocal } from "../client/local.ts";
import type { Envelope } from "../protocol/events.ts";
import type { Ext } from "./ext.ts";

export interface TurnListener {
  /** The session is open, and the turn is about to start. */
  session(id: string): void;
  text(piece: string): void;
  /** A tool call has started. */
  call(title: string): void;
  question(title: string, session: string): void;
}

export interface TurnResult {
  session: string;
  /** The text of the last response. */
  response: string;
  outcome: string;
}

/** Uses a separate connection. Continues `prompt.session`, or creates a session if it is null. */
export async function runTurn(
  ext: Ext,
  prompt: { text: string; session: string | null },
  listener: TurnListener,
  cancelled: AbortSignal,
): Promise<TurnResult> {
  const clientInfo = { client: { name: "vscode chat", version: ext.version }, answers: true };
  const link = await connectLocal(await ext.local(true), clientInfo);
  let stop = (): void => undefined;
  try {
    const { session } =
      prompt.session === null ? await link.call("sessionCreate", { cwd: ext.cwd() }) : { session: prompt.session };
    stop = (): void => void link.call("turnCancel", { session }).catch(() => undefined);
    listener.session(session);
    let response = "";
    let turnId: string | undefined;
    const earlyEvents: Envelope[] = [];
    const outcome = await new Promise<string>((resolve, reject) => {
      const handleEvent = ({ event }: Envelope): void => {
        if (event.type === "text.delta" && event.turn === turnId) listener.text(event.text);
        else if (event.type === "text.done" && event.turn === turnId) response = event.text;
        else if (event.type === "call.asked" && event.turn === turnId) listener.call(event.title);
        else if (event.type === "question.asked") listener.question(event.title, session);
        else if (event.type === "turn.ended" && event.turn === turnId) resolve(event.failure?.message ?? event.outcome);
      };
      const event = (envelope: Envelope): void =>
        void (turnId === undefined ? earlyEvents.push(envelope) : handleEvent(envelope));
      void link.closed.then((reason) => reject(new Error(describeDisconnect(reason))));
      link
        .watch(session, { event, snapshot: () => undefined }, 1)
        .then(() => link.call("turnPrompt", { session, text: prompt.text }))
        .then(({ turn }) => {
          if (turn === undefined) throw new Error("Another turn is running in this session. The prompt is queued.");
          turnId = turn;
          cancelled.addEventListener("abort", stop);
          if (cancelled.aborted) stop();
          for (const envelope of earlyEvents) handleEvent(envelope);
        })
        .catch(reject);
    });
    return { session, response, outcome };
  } finally {
    cancelled.removeEventListener("abort", stop);
    await link.close();
  }
}
