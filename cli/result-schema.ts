/** A result that must have a form. The model gets one retry with the errors; then the run fails. */
import type { RunResult } from "./print/printer.ts";

export interface Schema {
  schema: Record<string, unknown>;
  enforce(ended: RunResult, retry: (prompt: string) => Promise<RunResult>): Promise<RunResult>;
}

/** What is wrong with a result, or the value that it stands for. */
type Check = (text: string) => { value: unknown } | { problem: string };

/** `message` begins the failure of a run whose second result is wrong, too. */
export const createSchema = (schema: Record<string, unknown>, message: string, check: Check): Schema => ({
  schema,
  async enforce(ended, again) {
    if (ended.failure) return ended;
    const first = check(ended.text);
    if ("value" in first) return { ...ended, text: JSON.stringify(first.value) };
    const retryPrompt = `Your result does not match the requested JSON Schema: ${first.problem}. Respond again with nothing but matching JSON:\n${JSON.stringify(schema)}`;
    const second = await again(retryPrompt);
    if (second.failure) return second;
    const checked = check(second.text);
    if ("value" in checked) return { ...second, text: JSON.stringify(checked.value) };
    return { ...second, failure: { code: "schema", message: `${message}: ${checked.problem}.` } };
  },
});
