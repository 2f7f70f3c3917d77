/** Describes what is wrong with a value or with the syntax of a file that a person writes. */
import type { z } from "zod";

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

export function describeExpected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return "one of the forms in the schema (see `tutti config schema`)";
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`;
    case "custom":
      return issue.message.startsWith('"') ? `a rule: ${issue.message}` : issue.message;
    default:
      return issue.message;
  }
}

/** `code` is a name of jsonc-parser, such as `CommaExpected`. */
export function describeSyntaxError(code: string): string {
  const spaced = code.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`;
}
