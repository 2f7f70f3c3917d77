/** The review of what agents did to files: each change can be kept or undone on its own, as in an editor. */
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { diffHunks, type Hunk, isSameHunk, keepHunk, undoHunk } from "../client/hunks.ts";
import type { DiffRow } from "../client/text/diff.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { PendingEdit } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { HunkView } from "./diff.tsx";
import { sanitize } from "./parts.tsx";
import { Skeleton } from "./skeleton.tsx";

export function Review({ app, view }: { app: App; view: SessionView }): VNode {
  const { edits, id: session, cwd } = view;
  return (
    <main class="review">
      <div class="tools">
        <button type="button" onClick={() => app.set({ screen: "session" })}>
          ← Back
        </button>
        <h2 class="grow">{describeEdits(edits.length)}</h2>
        {edits.length > 1 && (
          <button
            type="button"
            onClick={() =>
              attempt(app, async () => {
                for (const { path } of edits) await app.server.call("editsAccept", { session, path });
              })
            }
          >
            Keep all
          </button>
        )}
      </div>
      {edits.length === 0 && <p class="muted empty">Every change is kept or undone.</p>}
      {edits.map((edit) => (
        <ReviewedFile key={edit.path} app={app} session={session} cwd={cwd} edit={edit} />
      ))}
    </main>
  );
}

const describeEdits = (count: number): string =>
  count === 0 ? "No changes to review" : `${count} changed file${count === 1 ? "" : "s"}`;

type Texts = ResultOf<"editsRead">;

interface FileProps {
  app: App;
  session: string;
  cwd: string;
  edit: PendingEdit;
}

function ReviewedFile({ app, session, cwd, edit }: FileProps): VNode {
  const { path, base, after } = edit;
  const [texts, setTexts] = useState<Texts | null>(null);
  useEffect(() => {
    let mounted = true;
    attempt(app, async () => {
      const read = await app.server.call("editsRead", { session, path });
      if (mounted) setTexts(read);
    });
    return () => {
      mounted = false;
    };
  }, [session, path, base, after]);
  const hunks = useMemo(() => (texts ? diffHunks(texts.base, texts.current) : []), [texts]);
  const { keep, undo } = createActions(app, session, path);
  const name = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  return (
    <section class="reviewed" aria-label={name}>
      <div class="tools">
        <h3 class="grow" title={path}>
          {sanitize(name)}
        </h3>
        {base === null && <span class="muted">new</span>}
        {after === null && <span class="muted">deleted</span>}
        <Decide app={app} name={name} keep={() => keep()} undo={() => undo(texts)} />
      </div>
      {texts === null && <Skeleton label={`Loading ${name}`} rows={3} />}
      {hunks.map((hunk, index) => (
        <div class="reviewed-hunk" key={`${hunk.now.start} ${hunk.base.start}`}>
          <HunkView path={path} rows={withContext(hunk, texts?.current ?? "")} />
          {hunks.length > 1 && (
            <Decide
              app={app}
              name={`change ${index + 1} of ${name}`}
              keep={() => keep(hunk)}
              undo={() => undo(texts, hunk)}
            />
          )}
        </div>
      ))}
    </section>
  );
}

interface DecideProps {
  app: App;
  name: string;
  keep(): Promise<unknown>;
  undo(): Promise<unknown>;
}

function Decide({ app, name, keep, undo }: DecideProps): VNode {
  return (
    <span class="decide">
      <button type="button" aria-label={`Undo ${name}`} onClick={() => attempt(app, undo)}>
        Undo
      </button>
      <button type="button" class="primary" aria-label={`Keep ${name}`} onClick={() => attempt(app, keep)}>
        Keep
      </button>
    </span>
  );
}

/** Finds a change in the current text of its file, which may differ from what is shown. */
function createActions(app: App, session: string, path: string) {
  const find = async (shown: Hunk): Promise<Texts & { hunk: Hunk }> => {
    const now = await app.server.call("editsRead", { session, path });
    const hunk = diffHunks(now.base, now.current).find((one) => isSameHunk(one, shown));
    if (!hunk) throw new Error("This change is out of date. Look at the file again.");
    return { ...now, hunk };
  };
  return {
    async keep(shown?: Hunk): Promise<void> {
      if (!shown) return void (await app.server.call("editsAccept", { session, path }));
      const { base, current, hunk } = await find(shown);
      const baseText = keepHunk(base, current, hunk);
      const whole = baseText === null || baseText === current;
      await app.server.call("editsAccept", { session, path, ...(!whole && { baseText }) });
    },
    /** A whole file is only undone as it was shown. */
    async undo(texts: Texts | null, shown?: Hunk): Promise<void> {
      if (!shown) {
        if (texts) await app.server.call("editsUndo", { session, path, currentHash: texts.currentHash });
        return;
      }
      const { base, current, currentHash, hunk } = await find(shown);
      const text = undoHunk(base, current, hunk);
      const whole = text === null || text === base;
      await app.server.call("editsUndo", { session, path, currentHash, ...(!whole && { text }) });
    },
  };
}

const CONTEXT = 3;

/** The rows of a change, with the lines around it. */
function withContext({ base, now }: Hunk, current: string): DiffRow[] {
  const lines = current.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const same = (from: number, to: number): DiffRow[] =>
    lines.slice(Math.max(0, from), to).map((text, index) => ({
      kind: "same",
      text: sanitize(text),
      before: Math.max(0, from) + index + 1 + base.start - now.start,
      after: Math.max(0, from) + index + 1,
    }));
  const end = now.start + now.lines.length;
  const following = same(end, end + CONTEXT).map((row) => ({
    ...row,
    before: (row.before ?? 0) + base.lines.length - now.lines.length,
  }));
  const clean = (line: string): string => sanitize(line.replace(/\r?\n$/, ""));
  return [
    ...same(now.start - CONTEXT, now.start),
    ...base.lines.map((line, at): DiffRow => ({ kind: "removed", text: clean(line), before: base.start + at + 1 })),
    ...now.lines.map((line, at): DiffRow => ({ kind: "added", text: clean(line), after: now.start + at + 1 })),
    ...following,
  ];
}
