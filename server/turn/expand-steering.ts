/** Expands messages such as `/review main` that steer a running turn, like expand-prompt.ts does for the prompt of a turn. */
import { describeError, endSentence } from "../../protocol/errors.ts";
import type { EventOf, Settings } from "../../protocol/events.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import { expandText, type RunInput } from "./expand-prompt.ts";
import { type ExpandDeps, findNamedCommand, type PromptCommand } from "./find-prompt-command.ts";
import { warn } from "./instructions.ts";

type Steering = EventOf<"turn.steered">;

/** The messages for the next step, in their order. One that cannot be expanded is removed, with a notice; the others count. */
export async function expandSteering(deps: ExpandDeps, input: RunInput): Promise<Steering[]> {
  const { session } = input;
  const { cwd } = session.view();
  const expanded = new Map<string, { text: string; expanded?: string }>();
  // While a message is expanded, users may add, edit or remove messages.
  for (;;) {
    const messages = session.takeSteering();
    const next = messages.find(({ prompt, text }) => expanded.get(prompt)?.text !== text);
    if (!next) return messages.map((message) => ({ ...message, ...expanded.get(message.prompt) }));
    const { prompt, text } = next;
    const command = await findNamedCommand(deps, cwd, text);
    if (command === null) {
      expanded.set(prompt, { text });
      continue;
    }
    const result = await expandText(command, input).catch((error: unknown) => ({ problem: describeError(error) }));
    // The messages stay queued for the next turn.
    if (session.signal.aborted) return [];
    if ("text" in result) {
      expanded.set(prompt, { text, expanded: result.text });
      warnAboutSettings(session, command);
    } else {
      const problem = `${endSentence(result.problem)} Your message was not sent to the model.`;
      session.append({ type: "notice.shown", level: "warning", text: problem }, SERVER_AUTHOR);
      session.append({ type: "prompt.dropped", prompt }, SERVER_AUTHOR);
    }
  }
}

const LABELS = { agent: "an agent", model: "a model", allow: "allowed tools" } satisfies Partial<
  Record<keyof Settings, string>
>;

function warnAboutSettings(session: RunInput["session"], { command, settings }: PromptCommand): void {
  const names = (["agent", "model", "allow"] as const).flatMap((key) =>
    settings[key] === undefined ? [] : LABELS[key],
  );
  if (!command || names.length === 0) return;
  const list = new Intl.ListFormat("en", { type: "conjunction" }).format(names);
  warn(
    session,
    `/${command.name} sets ${list}. A running turn keeps its own; to use them, send it as a prompt after this turn.`,
  );
}
