/** A question or approval request: the details, the choices, and the rule that "always" would save. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Question } from "../protocol/parts.ts";
import { headingOf, toAnswer } from "../protocol/questions.ts";
import { type App, attempt } from "./app.ts";
import { Diff, isDiff } from "./diff.tsx";
import { sanitize } from "./parts.tsx";

export function QuestionBox({ app, question, waiting }: { app: App; question: Question; waiting: number }): VNode {
  const { id, title, detail, choices, always, freeText } = question;
  useEffect(() => noteQuestionShown(id, performance.now()), [id]);
  const submitAnswer = (text: string): void => attempt(app, () => answerQuestion(app, question, text));
  return (
    <section
      class="question"
      aria-labelledby="question-title"
      onKeyDown={(event) => {
        const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
        if (choice && !event.ctrlKey && !event.metaKey && !event.altKey) submitAnswer(choice.id);
      }}
    >
      <h2 id="question-title">{sanitize(headingOf(question) || title)}</h2>
      {detail !== "" &&
        detail !== title &&
        (isDiff(detail) ? <Diff text={detail} whole={true} /> : <pre class="detail">{sanitize(detail)}</pre>)}
      <div class="choices">
        {choices.map(({ id: choice, label }, index) => (
          <button
            type="button"
            key={choice}
            class={index === 0 ? "choice first" : "choice"}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => submitAnswer(choice)}
          >
            {`${index + 1}. ${sanitize(label)}`}
          </button>
        ))}
      </div>
      {always !== undefined && <RuleForm rule={always} submit={(rule) => submitAnswer(`always ${rule}`)} />}
      {freeText && <div class="muted">Or type your own answer below.</div>}
      {waiting > 1 && (
        <div class="muted">{`${waiting - 1} more ${waiting === 2 ? "question" : "questions"} waiting.`}</div>
      )}
    </section>
  );
}

/** The rule that "always" saves, which can be edited first. A rule that the server rejects stays in the field. */
function RuleForm({ rule, submit }: { rule: string; submit(rule: string): void }): VNode {
  const [text, setText] = useState(rule);
  const isChanged = text.trim() !== rule.trim();
  return (
    <form
      class="rule"
      onKeyDown={(event) => event.stopPropagation()}
      onSubmit={(event) => {
        event.preventDefault();
        submit(text.trim());
      }}
    >
      <label class="muted" for="rule">
        “Always” saves the rule
      </label>
      <input
        id="rule"
        class="grow"
        value={text}
        spellcheck={false}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      {isChanged && <button type="submit">Always allow this rule</button>}
    </form>
  );
}

/** Ignores clicks and keys right after a question appears: they were meant for something else. */
const GRACE_MS = 350;
const shownSince = new Map<string, number>();

/** Called when a question is rendered. */
export function noteQuestionShown(id: string, now: number): void {
  if (!shownSince.has(id)) shownSince.set(id, now);
}

/** `input`: the id of a choice, or free text. Rejects if another client answered first. */
export async function answerQuestion(app: App, question: Question, input: string): Promise<void> {
  const { id, digest } = question;
  const session = app.state().view?.id;
  const seen = shownSince.get(id);
  if (session === undefined || seen === undefined || performance.now() - seen < GRACE_MS) return;
  await app.server.call("questionAnswer", { session, question: id, digest, answer: toAnswer(question, input) });
}
