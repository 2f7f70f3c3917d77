/** `--schema`: the result must be JSON that fits. One more try, with what was wrong, then the run has failed. */
import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { wrong } from "./args.ts";
import type { Ended } from "./print/printer.ts";

export interface Schema {
  schema: Record<string, unknown>;
  enforce(ended: Ended, again: (prompt: string) => Promise<Ended>): Promise<Ended>;
}

export async function openSchema(file: string): Promise<Schema> {
  const schema = parseObject(
    file,
    await readFile(file, "utf8").catch((error) => {
      throw wrong(`${file} cannot be read: ${error instanceof Error ? error.message : error}.`);
    }),
  );
  const validate = compile(file, schema);
  const check = (text: string): { value: unknown } | { problem: string } => {
    const value = jsonIn(text);
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
      const asked = `Your result does not fit the JSON Schema that was asked for: ${first.problem}. Answer again with nothing but JSON that fits:\n${JSON.stringify(schema)}`;
      const second = await again(asked);
      if (second.failure) return second;
      const checked = check(second.text);
      if ("value" in checked) return { ...second, text: JSON.stringify(checked.value) };
      const message = `The result does not fit ${file}: ${checked.problem}.`;
      return { ...second, failure: { code: "schema", message } };
    },
  };
}

function parseObject(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw wrong(`${file} is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
  throw wrong(`${file} is not a JSON Schema: it must be an object.`);
}

function compile(file: string, schema: Record<string, unknown>) {
  try {
    const { $schema: _, ...plain } = schema;
    return new Ajv({ strict: false, allErrors: true }).compile(plain);
  } catch (error) {
    throw wrong(`${file} is not a JSON Schema that can be used: ${error instanceof Error ? error.message : error}.`);
  }
}

/** The JSON of an answer: the whole of it, what stands in a code fence, or from the first brace to the last. */
function jsonIn(text: string): unknown {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)```/.exec(text)?.[1];
  const braced = /[{[][\s\S]*[}\]]/.exec(text)?.[0];
  return [text, fenced, braced].map(parsed).find((value) => value !== undefined);
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
