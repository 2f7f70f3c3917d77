/** Grey bars in the shape of what is being loaded. */
import type { VNode } from "preact";

const widths = [92, 64, 78, 40, 86, 58];

export function Skeleton({ label, rows }: { label: string; rows: number }): VNode {
  return (
    <div class="skeleton" role="img" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} class="skeleton-bar" style={{ width: `${widths[row % widths.length]}%` }} />
      ))}
    </div>
  );
}
