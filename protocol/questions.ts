/** Answers to questions, as people type and read them, and how a question ended. Pure. */
import type { Answer, Author, EventOf } from "./events.ts";
import type { Question, QuestionOutcome } from "./parts.ts";

/** `always bash(npm test)`: saves this rule in place of the offered one. Only the server decides what is a valid rule. */
const ALWAYS_RULE = /^always\s+(\S[\s\S]*)$/i;
/** Always sent as a choice, never as the reason for a denial, even if the request does not offer it. */
const approvalChoices: ReadonlySet<string> = new Set(["yes", "no", "always", "session"]);

/**
 * What was typed or chosen: a choice by its ID, or text. In an approval request, text denies the call, so whatever may be meant as an
 * approval is sent as one: the server rejects it with the reason if it is not offered, or its rule is invalid.
 */
export function toAnswer({ kind, choices }: Pick<Question, "kind" | "choices">, input: string): Answer {
  if (choices.some(({ id }) => id === input)) return { choice: input };
  if (kind !== "approval") return { text: input };
  const typed = input.trim();
  const choice = typed.toLowerCase();
  if (approvalChoices.has(choice)) return { choice };
  const rule = ALWAYS_RULE.exec(typed)?.[1];
  return rule === undefined ? { text: input } : { choice: "always", rule };
}

/** For answers to approval requests. */
export const isDenial = (answer: Answer): boolean => "text" in answer || answer.choice === "no";

export const formatAnswer = (answer: Answer): string =>
  "text" in answer ? answer.text : answer.rule === undefined ? answer.choice : `${answer.choice} ${answer.rule}`;

export const toQuestion = (event: EventOf<"question.asked">): Question => ({
  id: event.question,
  kind: event.kind,
  ...(event.call !== undefined && { call: event.call }),
  title: event.title,
  detail: event.detail,
  choices: event.choices,
  freeText: event.freeText,
  ...(event.always !== undefined && { always: event.always }),
  digest: event.digest,
  ...(event.task && { task: event.task }),
});

/** The title without what the detail, shown below it, repeats; empty if the detail begins with all of it. */
export function headingOf({ title, detail }: Pick<Question, "title" | "detail">): string {
  if (detail === "") return title;
  const [, start = title] = /^([\s\S]*)…(?: \(\d+ more characters\))?$/.exec(title) ?? [];
  if (detail.startsWith(start)) return "";
  return title.endsWith(detail) ? title.slice(0, -detail.length).trim() : title;
}

/** How the question ended. */
export function toOutcome(
  question: Question,
  event: EventOf<"question.answered"> | EventOf<"question.expired">,
  by: Author,
): QuestionOutcome {
  const asked = question.kind === "choice" && { question: question.detail };
  if (event.type === "question.expired") return { outcome: "expired", text: event.reason, by, ...asked };
  const voters = question.votes?.map((vote) => vote.by.name).filter((name) => name !== by.name);
  return { ...outcomeOf(question, event.answer), by, ...(voters?.length && { voters }), ...asked };
}

function outcomeOf({ kind, choices, always }: Question, answer: Answer): Pick<QuestionOutcome, "outcome" | "text"> {
  if ("text" in answer) return { outcome: kind === "approval" ? "denied" : "answered", text: answer.text };
  const { choice, rule } = answer;
  if (kind === "choice") return { outcome: "answered", text: choices.find(({ id }) => id === choice)?.label ?? choice };
  if (choice === "always") return { outcome: "always", text: rule ?? always ?? "" };
  return { outcome: choice === "session" ? "session" : choice === "no" ? "denied" : "once", text: "" };
}

/** For a transcript, as one clause: `approved once by ada`. */
export function describeOutcome({ outcome, text, by, voters = [] }: QuestionOutcome): string {
  const reason = text === "" ? "" : `: ${text}`;
  switch (outcome) {
    case "once":
      return `approved once by ${[...voters, by.name].join(" and ")}`;
    case "always":
      return `always allowed by ${by.name}${reason}`;
    case "session":
      return `all edits allowed for this session by ${by.name}`;
    case "denied":
      return `denied by ${by.name}${reason}`;
    case "answered":
      return `answered by ${by.name}${reason}`;
    case "expired":
      return `not answered${reason}`;
    default:
      return outcome satisfies never;
  }
}
