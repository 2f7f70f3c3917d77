/** `--schema`: the result must be JSON that matches a schema in a file. */

import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { extractJson } from "../client/findings.ts";
import { describeError } from "../protocol/errors.ts";
import { usageError } from "./args.ts";
import { createSchema, type Schema } from "./result-schema.ts";

export async function openSchema(file: string): Promise<Schema> {
  const schema = parseObject(
    file,
    await readFile(file, "utf8").catch((error) => {
      throw usageError(`Cannot read ${file}: ${describeError(error)}.`);
    }),
  );
  const validate = compileSchema(file, schema);
  return createSchema(schema, `The result does not match ${file}`, (text) => {
    const value = extractJson(text);
    if (value === undefined) return { problem: "it is not JSON" };
    if (validate(value)) return { value };
    const problems = (validate.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath || "the result"} ${message}`,
    );
    return { problem: problems.join("; ") };
  });
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
