/** Completion at the cursor, loaded when it is first asked for. */
import type { Handlers, ParamsOf, ResultOf } from "../../protocol/methods.ts";

type Complete = (asked: ParamsOf<"completionInline">, given: AbortSignal) => Promise<ResultOf<"completionInline">>;

const never = new AbortController().signal;

export function createCompletionHandler(load: () => Promise<Complete>): Handlers["completionInline"] {
  let loading: Promise<Complete> | null = null;
  return async (asked, _, given = never) => {
    loading ??= load();
    return (await loading)(asked, given);
  };
}
