/** The keys of the page in a browser: those of the terminal UI for the same actions, by the names of its actions. */

export const pageKeys = {
  "palette.open": { keys: "ctrl+p", title: "Open the command palette" },
  "keys.open": { keys: "ctrl+x k", title: "Show all key bindings" },
  "session.new": { keys: "ctrl+x n", title: "New session" },
  "sessions.open": { keys: "ctrl+x l", title: "Show sessions" },
  "session.fork": { keys: "ctrl+x f", title: "Continue in a copy of this session" },
  "session.archive": { keys: "ctrl+x shift+a", title: "Archive this session" },
} as const satisfies Record<string, { keys: string; title: string }>;

export type PageAction = keyof typeof pageKeys;

export const pageActions = Object.keys(pageKeys) as PageAction[];
