/** A question or approval request: the details, the choices, and the rule that "always" would save. */
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { describeVotes } from "../client/together-text.ts";
import type { Answer } from "../protocol/events.ts";
import type { Question } from "../protocol/parts.ts";
import { headingOf } from "../protocol/questions.ts";
import { type App, attempt } from "./app.ts";
import { Diff, isDiff } from "./diff.tsx";
import { mayAnswer } from "./guest-notes.tsx";
import { sanitize } from "./parts.tsx";

export function QuestionBox({ app, question, waiting }: { app: App; question: Question; waiting: number }): VNode {
  const { title, detail } = question;
  const { guest, view } = app.state();
  const isAnswerable = mayAnswer(guest, view?.approvals);
  const choices = isAnswerable ? question.choices.filter(({ id }) => guest === null || isForGuests(question, id)) : [];
  // A guest's answer counts once: only the owner saves rules.
  const always = guest === null ? question.always : undefined;
  const votes = describeVotes(question, view?.approvals);
  const [rule, setRule] = useState(always ?? "");
  const isRuleEdited = always !== undefined && rule.trim() !== always.trim();
  const isReady = useReady(question);
  /** "Always" saves the rule that is shown. One that the server rejects stays in its field. */
  const choose = (choice: string): void =>
    attempt(app, () =>
      answerQuestion(app, question, choice === "always" && isRuleEdited ? { choice, rule: rule.trim() } : { choice }),
    );
  return (
    <section
      class="question"
      data-ready={isReady}
      aria-labelledby="question-title"
      onKeyDown={(event) => {
        const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
        if (choice && !event.ctrlKey && !event.metaKey && !event.altKey) choose(choice.id);
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
            onClick={() => choose(choice)}
          >
            {`${index + 1}. ${sanitize(choice === "always" && isRuleEdited ? `Always allow ${rule.trim() || "…"}` : label)}`}
          </button>
        ))}
      </div>
      {always !== undefined && <RuleField rule={rule} onChange={setRule} onEnter={() => choose("always")} />}
      {votes !== "" && (
        <div class="votes" role="status">
          {sanitize(votes)}
        </div>
      )}
      {isAnswerable && question.freeText && <div class="muted">Or type your own answer below.</div>}
      {!isAnswerable && <div class="muted">The owner answers, or those whose answers the owner counts.</div>}
      {waiting > 1 && (
        <div class="muted">{`${waiting - 1} more ${waiting === 2 ? "question" : "questions"} waiting.`}</div>
      )}
    </section>
  );
}

const isForGuests = ({ kind }: Question, choice: string): boolean =>
  kind === "choice" || choice === "yes" || choice === "no";

/** The rule that "always" saves, which can be edited first. */
function RuleField(props: { rule: string; onChange(rule: string): void; onEnter(): void }): VNode {
  return (
    <form
      class="rule"
      onKeyDown={(event) => event.stopPropagation()}
      onSubmit={(event) => {
        event.preventDefault();
        props.onEnter();
      }}
    >
      <label class="muted" for="rule">
        “Always” saves the rule
      </label>
      <input
        id="rule"
        class="grow"
        value={props.rule}
        spellcheck={false}
        onInput={({ currentTarget }) => props.onChange(currentTarget.value)}
      />
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

/** Renders again once the question accepts answers. */
function useReady(question: Question): boolean {
  const { id } = question;
  const [, redraw] = useState(0);
  const isReady = acceptsAnswer(question);
  useEffect(() => {
    noteQuestionShown(id, performance.now());
    if (isReady) return;
    const timer = setTimeout(() => redraw((count) => count + 1), GRACE_MS + 1);
    return () => clearTimeout(timer);
  }, [id, isReady]);
  return isReady;
}

/** False right after the question appeared. */
export function acceptsAnswer({ id }: Question): boolean {
  const seen = shownSince.get(id);
  return seen !== undefined && performance.now() - seen >= GRACE_MS;
}

/** Does nothing right after the question appeared. Rejects if another client answered first, or the answer is invalid. */
export async function answerQuestion(app: App, question: Question, answer: Answer): Promise<void> {
  const { id, digest } = question;
  const session = app.state().view?.id;
  if (session === undefined || !acceptsAnswer(question)) return;
  await app.server.call("questionAnswer", { session, question: id, digest, answer });
}
