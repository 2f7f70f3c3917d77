/** What the agent asks: exactly what would be done, the choices, and what "always" would keep. */
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Question } from "../protocol/parts.ts";
import { type App, attempt } from "./app.ts";
import { Diff, isDiff } from "./diff.tsx";
import { visible } from "./parts.tsx";
import { answer, questionShown } from "./question.ts";

export function QuestionBox({ app, question, waiting }: { app: App; question: Question; waiting: number }): VNode {
  const { id, title, detail, choices, always, freeText } = question;
  useEffect(() => questionShown(id, performance.now()), [id]);
  const say = (said: string): void => attempt(app, () => answer(app, question, said));
  return (
    <section
      class="question"
      aria-labelledby="question-title"
      onKeyDown={(event) => {
        const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
        if (choice && !event.ctrlKey && !event.metaKey && !event.altKey) say(choice.id);
      }}
    >
      <h2 id="question-title">{visible(headOf(title, detail))}</h2>
      {detail !== "" &&
        (isDiff(detail) ? <Diff text={detail} whole={true} /> : <pre class="detail">{visible(detail)}</pre>)}
      <div class="choices">
        {choices.map(({ id: choice, label }, index) => (
          <button
            type="button"
            key={choice}
            class={index === 0 ? "choice first" : "choice"}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => say(choice)}
          >
            {`${index + 1}. ${visible(label)}`}
          </button>
        ))}
      </div>
      {always !== undefined && <div class="muted">{`“Always” keeps the rule ${visible(always)}`}</div>}
      {freeText && <div class="muted">Or write below what to do instead.</div>}
      {waiting > 1 && <div class="muted">{`${waiting - 1} more waiting.`}</div>}
    </section>
  );
}

/** Where the title ends with all of the detail, that stands once, below it. */
function headOf(title: string, detail: string): string {
  const before = detail !== "" && title.endsWith(detail) ? title.slice(0, -detail.length).trim() : title;
  return before === "" ? title : before;
}
