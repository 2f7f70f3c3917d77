/** The conversation: only the parts near what is seen are in the document, and what is read stays where it is while others change. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Part } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { labelOf, PartOf } from "./parts.tsx";
import { guessedHeight, rowsNear } from "./window.ts";

const MARGIN = 1_200;
/** So close to the end, what comes is followed. */
const NEAR_END = 24;
/** So close to the start, older parts are fetched. */
const NEAR_START = 2_000;

export function Transcript({ app, view }: { app: App; view: SessionView }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const follows = useRef(true);
  const anchor = useRef<{ id: string; at: number } | null>(null);
  const fetching = useRef(false);
  const [seen, setSeen] = useState({ top: 0, height: 800, columns: 80 });
  const [, measured] = useState(0);

  const { parts } = view;
  const tall = parts.map((part) => heights.current.get(part.id) ?? guessedHeight(part, seen.columns));
  const whole = tall.reduce((sum, one) => sum + one, 0);
  const top = follows.current ? Math.max(0, whole - seen.height) : (topBy(anchor.current, parts, tall) ?? seen.top);
  const rows = rowsNear(tall, { top, height: seen.height }, MARGIN);

  const look = (): void => {
    const at = box.current;
    if (!at) return;
    follows.current = at.scrollTop + at.clientHeight >= at.scrollHeight - NEAR_END;
    anchor.current = follows.current ? null : firstSeen(at, list.current);
    setSeen({ top: at.scrollTop, height: at.clientHeight, columns: Math.floor(at.clientWidth / 7.5) });
    if (at.scrollTop < NEAR_START && view.earlier > 0 && !fetching.current) {
      fetching.current = true;
      attempt(app, () =>
        app.server.older("page").finally(() => {
          fetching.current = false;
        }),
      );
    }
  };

  // After each drawing: heights are learned, and the part that was read first stands where it stood.
  useLayoutEffect(() => {
    const [at, drawn] = [box.current, list.current];
    if (!at || !drawn) return;
    let changed = false;
    for (const row of drawn.children) {
      const id = (row as HTMLElement).dataset.part ?? "";
      const height = row.getBoundingClientRect().height;
      if (Math.abs((heights.current.get(id) ?? -1) - height) > 0.5) {
        heights.current.set(id, height);
        changed = true;
      }
    }
    if (follows.current) at.scrollTop = at.scrollHeight;
    else if (anchor.current) {
      const row = rowOf(drawn, anchor.current.id);
      const moved = row ? row.getBoundingClientRect().top - at.getBoundingClientRect().top - anchor.current.at : 0;
      if (Math.abs(moved) > 0.5) at.scrollTop += moved;
    }
    if (changed) measured((count) => count + 1);
  });

  // Code that gets its colours, and a box that gets another size.
  useEffect(() => {
    const [at, drawn] = [box.current, list.current];
    if (!at || !drawn) return;
    const sizes = new ResizeObserver(() => {
      measured((count) => count + 1);
      setSeen((before) => ({ ...before, height: at.clientHeight, columns: Math.floor(at.clientWidth / 7.5) }));
    });
    sizes.observe(at);
    sizes.observe(drawn);
    return () => sizes.disconnect();
  }, []);

  const { unfolded } = app.state();
  return (
    <div
      class="transcript"
      ref={box}
      role="feed"
      aria-label="Conversation"
      aria-busy={view.activity.state === "running"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
      tabIndex={0}
      onScroll={look}
    >
      <div style={{ height: `${rows.before}px` }} />
      <div ref={list}>
        {parts.slice(rows.start, rows.end).map((part, index) => (
          <Row
            key={part.id}
            app={app}
            session={view.id}
            part={part}
            unfolded={unfolded.has(part.id)}
            place={view.earlier + rows.start + index + 1}
            count={view.earlier + parts.length}
          />
        ))}
      </div>
      <div style={{ height: `${rows.after}px` }} />
    </div>
  );
}

interface RowProps {
  app: App;
  session: string;
  part: Part;
  unfolded: boolean;
  place: number;
  count: number;
}

/** Drawn again only where something of it is another. */
function Row({ app, session, part, unfolded, place, count }: RowProps): VNode {
  const inside = useMemo(() => {
    const way = {
      unfolded,
      fold: () => fold(app, part.id),
      link: (href: string) => app.host.tell({ type: "link", href }),
      bytes: async (blob: string) => (await app.server.call("sessionBlob", { session, blob })).data,
      file: (path: string, line?: number) => app.host.tell({ type: "file", path, ...(line !== undefined && { line }) }),
    };
    return <PartOf part={part} way={way} />;
  }, [app, session, part, unfolded]);
  return (
    <article class="row" data-part={part.id} aria-label={labelOf(part)} aria-posinset={place} aria-setsize={count}>
      {inside}
    </article>
  );
}

function fold(app: App, id: string): void {
  const unfolded = new Set(app.state().unfolded);
  if (!unfolded.delete(id)) unfolded.add(id);
  app.set({ unfolded });
}

/** Where the window begins so that the part that was read first stands where it stood; null where that is not known. */
function topBy(
  anchor: { id: string; at: number } | null,
  parts: readonly Part[],
  heights: readonly number[],
): number | null {
  const index = anchor ? parts.findIndex(({ id }) => id === anchor.id) : -1;
  if (!anchor || index < 0) return null;
  let top = -anchor.at;
  for (let row = 0; row < index; row++) top += heights[row] ?? 0;
  return top;
}

const rowOf = (list: Element, id: string): HTMLElement | undefined =>
  [...list.children].find((row): row is HTMLElement => row instanceof HTMLElement && row.dataset.part === id);

function firstSeen(box: Element, list: Element | null): { id: string; at: number } | null {
  const top = box.getBoundingClientRect().top;
  for (const row of list?.children ?? []) {
    const { top: rowTop, bottom } = row.getBoundingClientRect();
    if (bottom > top && row instanceof HTMLElement) return { id: row.dataset.part ?? "", at: rowTop - top };
  }
  return null;
}
