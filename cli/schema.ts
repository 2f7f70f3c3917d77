/** `--schema`: the result must be JSON that matches. The model gets one retry with the errors; then the run fails. */

import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { describeError } from "../protocol/errors.ts";
import { usageError } from "./args.ts";
import type { RunResult } from "./print/printer.ts";

export interface Schema {
  schema: Record<string, unknown>;
  enforce(ended: RunResult, retry: (prompt: string) => Promise<RunResult>): Promise<RunResult>;
}

export async function openSchema(file: string): Promise<Schema> {
  const schema = parseObject(
    file,
    await readFile(file, "utf8").catch((error) => {
      throw usageError(`Cannot read ${file}: ${describeError(error)}.`);
    }),
  );
  const validate = compileSchema(file, schema);
  const check = (text: string): { value: unknown } | { problem: string } => {
    const value = extractJson(text);
    if (value === undefined) return { problem: "it is not JSON" };
    if (validate(value)) return { value };
    const problems = (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath || "the result"} ${message}`,
    );
    return { problem: problems.join("; ") };
  };
  return {
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
      const message = `The result does not match ${file}: ${checked.problem}.`;
      return { ...second, failure: { code: "schema", message } };
    },
  };
}

function parseObject(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw usageError(`${file} is not valid JSON: ${describeError(error)}.`);
  }
  throw usageError(`${file} is not a JSON Schema: it is not an object.`);
}

function compileSchema(file: string, schema: Record<string, unknown>) {
  try {
    const { $schema: _, ...plain } = schema;
    return new Ajv({ strict: false, allErrors: true }).compile(plain);
  } catch (error) {
    throw usageError(`${file} is not a valid JSON Schema: ${describeError(error)}.`);
  }
}

/** Finds JSON in a response: all of it, the contents of a code fence, or from the first brace to the last. */
function extractJson(text: string): unknown {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(text)?.[1];
  const braced = /[{[][\s\S]*[}\]]/.exec(text)?.[0];
  return [text, fenced, braced].map(tryParse).find((value) => value !== undefined);
}

function tryParse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
