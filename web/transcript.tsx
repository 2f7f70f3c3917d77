/** The conversation: only parts near the viewport are rendered, and the scroll position stays stable while others change. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Part } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { type App, attempt } from "./app.ts";
import { describePart, PartView } from "./parts.tsx";
import { createReporter, followedPart, stopFollowing } from "./together.tsx";
import { estimateHeight, findVisibleRows } from "./window.ts";

const MARGIN = 1_200;
/** Within this distance of the end (px), the view follows new output. */
const NEAR_END = 24;
/** Within this distance of the start (px), earlier parts are loaded. */
const NEAR_START = 2_000;

export function Transcript({ app, view }: { app: App; view: SessionView }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const followsEnd = useRef(true);
  const anchor = useRef<{ id: string; at: number } | null>(null);
  const fetching = useRef(false);
  const reporter = useMemo(() => createReporter(app), []);
  const [viewport, setViewport] = useState({ top: 0, height: 800, columns: 80 });
  const [, redraw] = useState(0);

  const { parts } = view;
  const rowHeights = parts.map((part) => heights.current.get(part.id) ?? estimateHeight(part, viewport.columns));
  const totalHeight = rowHeights.reduce((sum, one) => sum + one, 0);
  const top = followsEnd.current
    ? Math.max(0, totalHeight - viewport.height)
    : (findAnchorTop(anchor.current, parts, rowHeights) ?? viewport.top);
  const rows = findVisibleRows(rowHeights, { top, height: viewport.height }, MARGIN);

  const handleScroll = (): void => {
    const at = box.current;
    if (!at) return;
    followsEnd.current = at.scrollTop + at.clientHeight >= at.scrollHeight - NEAR_END;
    anchor.current = followsEnd.current ? null : findFirstVisible(at, list.current);
    reporter.viewing(anchor.current?.id ?? "");
    setViewport({ top: at.scrollTop, height: at.clientHeight, columns: Math.floor(at.clientWidth / 7.5) });
    if (at.scrollTop < NEAR_START && view.earlier > 0 && !fetching.current) {
      fetching.current = true;
      attempt(app, () =>
        app.server.fetchEarlier("page").finally(() => {
          fetching.current = false;
        }),
      );
    }
  };

  // After each render: measures rows, and keeps the first visible part at its position.
  useLayoutEffect(() => {
    const [at, renderedList] = [box.current, list.current];
    if (!at || !renderedList) return;
    let changed = false;
    for (const row of renderedList.children) {
      const id = (row as HTMLElement).dataset.part ?? "";
      const height = row.getBoundingClientRect().height;
      if (Math.abs((heights.current.get(id) ?? -1) - height) > 0.5) {
        heights.current.set(id, height);
        changed = true;
      }
    }
    if (followsEnd.current) at.scrollTop = at.scrollHeight;
    else if (anchor.current) {
      const row = findRow(renderedList, anchor.current.id);
      const moved = row ? row.getBoundingClientRect().top - at.getBoundingClientRect().top - anchor.current.at : 0;
      if (Math.abs(moved) > 0.5) at.scrollTop += moved;
    }
    if (changed) redraw((count) => count + 1);
  });

  // Rows change height when code is highlighted, and the viewport when it is resized.
  useEffect(() => {
    const [at, drawn] = [box.current, list.current];
    if (!at || !drawn) return;
    const sizes = new ResizeObserver(() => {
      redraw((count) => count + 1);
      setViewport((before) => ({ ...before, height: at.clientHeight, columns: Math.floor(at.clientWidth / 7.5) }));
    });
    sizes.observe(at);
    sizes.observe(drawn);
    return () => sizes.disconnect();
  }, []);

  const { unfolded } = app.state();
  const followed = followedPart(app);
  useLayoutEffect(() => {
    if (followed === null) return;
    followsEnd.current = followed === "";
    anchor.current = followed === "" ? null : { id: followed, at: 0 };
    redraw((count) => count + 1);
  }, [followed]);
  return (
    <div
      class="transcript"
      ref={box}
      role="feed"
      aria-label="Conversation"
      aria-busy={view.activity.state === "running"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable with the keyboard.
      tabIndex={0}
      onScroll={handleScroll}
      onWheel={() => stopFollowing(app)}
      onTouchMove={() => stopFollowing(app)}
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
            position={view.earlier + rows.start + index + 1}
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
  position: number;
  count: number;
}

/** Rendered again only if one of its properties has changed. */
function Row({ app, session, part, unfolded, position, count }: RowProps): VNode {
  const inside = useMemo(() => {
    const actions = {
      unfolded,
      toggleFold: () => toggleFold(app, part.id),
      link: (href: string) => app.host.post({ type: "link", href }),
      bytes: async (blob: string) => (await app.server.call("sessionBlob", { session, blob })).data,
      file: (path: string, line?: number) => app.host.post({ type: "file", path, ...(line !== undefined && { line }) }),
    };
    return <PartView part={part} actions={actions} />;
  }, [app, session, part, unfolded]);
  return (
    <article
      class="row"
      data-part={part.id}
      aria-label={describePart(part)}
      aria-posinset={position}
      aria-setsize={count}
    >
      {inside}
    </article>
  );
}

function toggleFold(app: App, id: string): void {
  const unfolded = new Set(app.state().unfolded);
  if (!unfolded.delete(id)) unfolded.add(id);
  app.set({ unfolded });
}

/** The scroll offset that keeps the anchor part at its position; null if it is not known. */
function findAnchorTop(
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

const findRow = (list: Element, id: string): HTMLElement | undefined =>
  [...list.children].find((row): row is HTMLElement => row instanceof HTMLElement && row.dataset.part === id);

function findFirstVisible(box: Element, list: Element | null): { id: string; at: number } | null {
  const top = box.getBoundingClientRect().top;
  for (const row of list?.children ?? []) {
    const { top: rowTop, bottom } = row.getBoundingClientRect();
    if (bottom > top && row instanceof HTMLElement) return { id: row.dataset.part ?? "", at: rowTop - top };
  }
  return null;
}
