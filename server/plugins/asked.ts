/** What a plugin may ask of Tutti: only of sessions in the folder that it runs for, and only by its own name. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import type { Settings } from "../../protocol/methods.ts";
import { hostRequests } from "../../protocol/plugin.ts";
import type { Session } from "../session/session.ts";

export const pluginAuthor = (name: string): Author => ({ kind: "plugin", id: name, name });

const PARTS = 50;

export async function askedByPlugin(
  sessions: readonly Session<Settings>[],
  plugin: string,
  root: string,
  method: string,
  params: unknown,
): Promise<Record<string, unknown>> {
  const here = (id: string): Session<Settings> => {
    const session = sessions.find((one) => one.view().id === id && one.view().cwd === root);
    if (session) return session;
    throw new TuttiError("notFound", `There is no open session ${id} in the folder of this plugin.`);
  };
  switch (method) {
    case "tutti/session/read": {
      const { session, parts = PARTS } = read(method, params);
      const view = here(session).view();
      const { title, cwd, activity } = view;
      return { title, cwd, running: activity.state === "running", parts: view.parts.slice(-parts) };
    }
    case "tutti/session/prompt": {
      const { session, text } = read(method, params);
      const { prompt } = await here(session).prompt(text, [], {}, pluginAuthor(plugin));
      return { prompt };
    }
    default:
      throw new TuttiError("notFound", `Tutti has no method ${method}.`);
  }
}

type Method = keyof typeof hostRequests;

function read<M extends Method>(method: M, params: unknown): ReturnType<(typeof hostRequests)[M]["params"]["parse"]> {
  const found = hostRequests[method].params.safeParse(params);
  if (found.success) return found.data as ReturnType<(typeof hostRequests)[M]["params"]["parse"]>;
  const [issue] = found.error.issues;
  throw new TuttiError("usage", `${method}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`);
}
