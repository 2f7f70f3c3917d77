/** The points of a task that is quick or advanced, unless configured. Apart from signals.ts, which a turn without routing does not load. */
export const THRESHOLDS = { quick: -2, advanced: 4 } as const;
