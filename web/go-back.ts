/**
 * The back button and gesture of a phone or browser: they leave what is shown over the conversation, and leave the page only when they are
 * used twice. One entry in the history stands for all of it, because browsers skip entries that are added without an action of the user.
 */
import { type App, attempt, showNotice, showSession } from "./app.ts";

export function handleBack(app: App): void {
  const arm = (): void => history.pushState({ tutti: "page" }, "");
  const armWithAction = (): void => {
    for (const type of ["pointerdown", "keydown"]) addEventListener(type, rearm, true);
  };
  const rearm = (): void => {
    for (const type of ["pointerdown", "keydown"]) removeEventListener(type, rearm, true);
    arm();
  };
  addEventListener("popstate", () => {
    if (leaveSubview(app)) return arm();
    showNotice(app, "info", "Go back once more to leave the page.");
    armWithAction();
  });
  // A reloaded page has its entry already.
  if ((history.state as { tutti?: string } | null)?.tutti !== "page") armWithAction();
}

/** False if the conversation of the session itself is shown already. */
export function leaveSubview(app: App): boolean {
  const { screen, view, dialog } = app.state();
  if (dialog !== null) app.set({ dialog: null });
  else if (screen !== "session") app.set({ screen: "session" });
  else if (view?.task) {
    const parent = view.task.session;
    attempt(app, () => showSession(app, parent));
  } else return false;
  return true;
}
