/** The menu of the tray and the notifications, as data. Pure. */
import { printable } from "../protocol/printable.ts";
import type { RunningSession } from "./activity.ts";

export interface TrayItem {
  label: string;
  /** Absent for a label that does nothing. */
  action?:
    | { kind: "session"; session: string }
    | { kind: "new" }
    | { kind: "quit" }
    | { kind: "setting"; setting: keyof DesktopSettings };
  checked?: boolean;
  separator?: true;
}

export interface DesktopSettings {
  startAtLogin: boolean;
  shortcut: boolean;
}

/** Nothing starts by itself, and no key of another program is taken, until the user asks for it. */
export const defaultSettings: DesktopSettings = { startAtLogin: false, shortcut: false };

export const SHORTCUT = "CommandOrControl+Shift+Space";
const MAX_LABEL = 60;

const separator: TrayItem = { label: "", separator: true };

export function listTrayItems(running: readonly RunningSession[], settings: DesktopSettings): TrayItem[] {
  const sessions = running.flatMap(({ session, title, questions }): TrayItem[] => {
    const action = { kind: "session", session } as const;
    const asked = questions.map(({ title: question }) => ({ label: cut(`? ${question}`), action }));
    return [{ label: cut(title || "New session"), action }, ...asked];
  });
  return [
    ...(sessions.length > 0 ? sessions : [{ label: "No session is running" }]),
    separator,
    { label: "New session", action: { kind: "new" } },
    {
      label: "Open with Ctrl+Shift+Space, or Cmd+Shift+Space on a Mac",
      checked: settings.shortcut,
      action: { kind: "setting", setting: "shortcut" },
    },
    {
      label: "Start when you log in",
      checked: settings.startAtLogin,
      action: { kind: "setting", setting: "startAtLogin" },
    },
    separator,
    { label: "Quit", action: { kind: "quit" } },
  ];
}

/** Shown when the pointer is over the icon. */
export function describeActivity(running: readonly RunningSession[]): string {
  const questions = running.flatMap((one) => one.questions).length;
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
  if (running.length === 0) return "Tutti";
  const asked = questions > 0 ? `, ${count(questions, "question")}` : "";
  return `Tutti: ${count(running.length, "running session")}${asked}`;
}

export interface DesktopNotification {
  session: string;
  title: string;
  body: string;
}

/** What is new since `before`: questions, and turns that have ended. */
export function listNotifications(
  before: readonly RunningSession[],
  now: readonly RunningSession[],
): DesktopNotification[] {
  const known = new Set(before.flatMap(({ questions }) => questions.map(({ id }) => id)));
  const asked = now.flatMap(({ session, title, questions }) =>
    questions
      .filter(({ id }) => !known.has(id))
      .map((question) => ({ session, title: cut(title || "Tutti"), body: cut(question.title) })),
  );
  const ended = before
    .filter(({ session }) => !now.some((one) => one.session === session))
    .map(({ session, title }) => ({ session, title: cut(title || "Tutti"), body: "The turn has ended." }));
  return [...asked, ...ended];
}

const cut = (text: string): string => {
  const shown = printable(text);
  return shown.length > MAX_LABEL ? `${shown.slice(0, MAX_LABEL - 1)}…` : shown;
};
