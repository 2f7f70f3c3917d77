/** The link to the web page. What it carries is in the fragment, which browsers never send. */
export interface WebLink {
  /** `scheme://host:port` */
  url: string;
  ticket: string;
}

/** What the page shows first: a session, or a new one in this folder. */
export interface WebTarget {
  session?: string;
  folder?: string;
  /** Put into the prompt box, and not sent. */
  prompt?: string;
}

export function formatWebLink({ url, ticket }: WebLink, target: WebTarget): string {
  return `${url}/#${new URLSearchParams({ ...target, ticket })}`;
}

/** `fragment`: with or without `#`. */
export function parseWebFragment(fragment: string): WebTarget & { ticket?: string } {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const names = ["ticket", "session", "folder", "prompt"] as const;
  return Object.fromEntries(names.flatMap((name) => (values.has(name) ? [[name, values.get(name)]] : [])));
}
