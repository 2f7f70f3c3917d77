import assert from "node:assert/strict";
import { adaptSchema } from "../../../../server/model/dialect/schema.ts";
import type { Compat } from "../../../../server/model/target.ts";

type Json = Record<string, unknown>;

const cases: { name: string; dialect: NonNullable<Compat["schemaDialect"]>; schema: Json; expected: Json }[] = [
  {
    name: "leaves a plain schema as it is, but for $schema",
    dialect: "plain",
    schema: { $schema: "x", type: "object", additionalProperties: false },
    expected: { type: "object", additionalProperties: false },
  },
  {
    name: "takes additionalProperties: false out for xAI, at every depth",
    dialect: "xai",
    schema: {
      type: "object",
      additionalProperties: false,
      properties: { a: { type: "object", additionalProperties: false }, additionalProperties: { type: "string" } },
    },
    expected: { type: "object", properties: { a: { type: "object" }, additionalProperties: { type: "string" } } },
  },
  {
    name: "makes tuples and branches acceptable to Moonshot",
    dialect: "moonshot",
    schema: {
      properties: {
        t: { type: "array", items: [{ type: "string" }] },
        u: { type: "string", anyOf: [{ minLength: 1 }, { type: "null" }] },
      },
    },
    expected: {
      type: "object",
      properties: {
        t: { type: "array", prefixItems: [{ type: "string" }] },
        u: { anyOf: [{ type: "string", minLength: 1 }, { type: "null" }] },
      },
    },
  },
  {
    name: "puts references in their place for Gemini",
    dialect: "gemini",
    schema: {
      type: "object",
      properties: { a: { $ref: "#/$defs/A" } },
      $defs: { A: { type: "string", description: "an A" } },
    },
    expected: { type: "object", properties: { a: { type: "string", description: "an A" } } },
  },
  {
    name: "ends references that lead back to themselves",
    dialect: "gemini",
    schema: {
      type: "object",
      properties: { a: { $ref: "#/$defs/A" } },
      $defs: { A: { type: "object", properties: { next: { $ref: "#/$defs/A" } } } },
    },
    expected: { type: "object", properties: { a: { type: "object", properties: { next: { type: "object" } } } } },
  },
  {
    name: "turns constants and numeric choices into text for Gemini",
    dialect: "gemini",
    schema: { type: "object", properties: { a: { const: "x" }, b: { type: "integer", enum: [1, 2] } } },
    expected: {
      type: "object",
      properties: { a: { type: "string", enum: ["x"] }, b: { type: "string", enum: ["1", "2"] } },
    },
  },
  {
    name: "drops what Gemini does not know, and names that are not properties",
    dialect: "gemini",
    schema: {
      type: "object",
      additionalProperties: false,
      required: ["a", "gone"],
      properties: { a: { type: ["string", "null"], pattern: "x", format: "uri" } },
    },
    expected: { type: "object", required: ["a"], properties: { a: { type: "string", nullable: true } } },
  },
  {
    name: "drops an empty list of properties for Gemini",
    dialect: "gemini",
    schema: { type: "object", properties: {} },
    expected: { type: "object" },
  },
];

describe("tool schemas", () => {
  for (const { name, dialect, schema, expected } of cases) {
    it(name, () => {
      const before = structuredClone(schema);
      assert.deepEqual(adaptSchema(schema, dialect), expected);
      assert.deepEqual(schema, before);
    });
  }
});
