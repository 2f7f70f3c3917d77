/** The desktop window in Electron: it shows the web page of the local server. All decisions are in the other files of this folder. */
import { join } from "node:path";
import {
  app,
  BrowserWindow,
  dialog,
  globalShortcut,
  Menu,
  type MenuItemConstructorOptions,
  Notification,
  nativeImage,
  shell,
  Tray,
} from "electron";
import { formatWebLink, type WebTarget } from "../client/web-link.ts";
import { describeError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import { followActivity, type RunningSession } from "./activity.ts";
import { findDeepLink, parseDeepLink } from "./deep-link.ts";
import { allowedPermissions, mayNavigate, opensOutside } from "./navigation.ts";
import { readSettings, writeSettings } from "./settings.ts";
import { describeActivity, listNotifications, listTrayItems, SHORTCUT, type TrayItem } from "./tray.ts";

export interface DesktopDeps {
  /** Starts the local server with this program if none is running. */
  connect(program: string): Promise<Link>;
}

export function runDesktop(deps: DesktopDeps): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  // Each page is in a sandbox, without Node.js and without a preload script: it can do what it can in a browser.
  app.enableSandbox();
  app.setAsDefaultProtocolClient("tutti");
  const early = findDeepLink(process.argv);
  const desktop = createDesktop(deps);
  app.on("second-instance", (_, argv) => desktop.open(findDeepLink(argv)));
  app.on("open-url", (event, address) => {
    event.preventDefault();
    desktop.open(address);
  });
  app.on("activate", () => desktop.open(null));
  // The tray keeps the program running.
  app.on("window-all-closed", () => undefined);
  void app.whenReady().then(() => desktop.start(early));
}

function createDesktop({ connect }: DesktopDeps) {
  const folder = app.getAppPath();
  const icon = join(folder, "icon.png");
  const program = join(
    app.isPackaged ? join(process.resourcesPath, "program") : join(folder, "../.."),
    "bin/tutti.cjs",
  );
  const settingsFile = join(app.getPath("userData"), "desktop.json");
  const origins = new Set<string>();
  let settings = readSettings(settingsFile);
  let window: BrowserWindow | null = null;
  let tray: Tray | null = null;
  let link: Promise<Link> | null = null;
  let running: readonly RunningSession[] = [];

  const fail = (error: unknown): void => dialog.showErrorBox("Tutti", describeError(error));
  const openLink = (): Promise<Link> => {
    link ??= connect(program).then((opened) => {
      void opened.closed.then(() => {
        link = null;
        update([]);
      });
      followActivity(opened, { changed: update, failed: () => void opened.close() });
      return opened;
    });
    link.catch(() => {
      link = null;
    });
    return link;
  };
  const openWindow = (): BrowserWindow => {
    if (window) return window;
    const opened = new BrowserWindow({
      width: 1280,
      height: 860,
      minWidth: 360,
      minHeight: 480,
      icon,
      autoHideMenuBar: true,
      webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
    });
    window = opened;
    guard(opened, origins);
    opened.on("closed", () => {
      window = null;
    });
    return opened;
  };
  const load = async (address: string): Promise<void> => {
    const opened = openWindow();
    origins.add(new URL(address).origin);
    await opened.loadURL(address);
    opened.show();
    opened.focus();
  };
  const showPage = async (target: WebTarget): Promise<void> => {
    const opened = await (await openLink()).call("webOpen", {});
    await load(formatWebLink(opened, target));
  };
  const show = (target: WebTarget): void => {
    showPage(target).catch(fail);
  };
  const open = (address: string | null): void => {
    const target = address === null ? null : parseDeepLink(address);
    if (target === null) {
      if (address !== null) fail(new Error("This link is not one that Tutti can open."));
      else if (window) window.show();
      else show({ folder: app.getPath("home") });
    } else if (target.kind === "session") show({ session: target.session });
    else if (target.kind === "prompt") show({ folder: app.getPath("home"), prompt: target.text });
    else confirmJoin(target.hub).then((isConfirmed) => (isConfirmed ? load(target.link) : undefined), fail);
  };
  const act = ({ action }: TrayItem): void => {
    if (action?.kind === "session") show({ session: action.session });
    else if (action?.kind === "new") show({ folder: app.getPath("home") });
    else if (action?.kind === "quit") app.quit();
    else if (action?.kind === "setting") {
      settings = { ...settings, [action.setting]: !settings[action.setting] };
      writeSettings(settingsFile, settings);
      applySettings();
      update(running);
    }
  };
  const applySettings = (): void => {
    app.setLoginItemSettings({ openAtLogin: settings.startAtLogin });
    globalShortcut.unregisterAll();
    if (settings.shortcut && !globalShortcut.register(SHORTCUT, () => open(null)))
      fail(new Error(`${SHORTCUT} is in use by another program.`));
  };
  const update = (now: readonly RunningSession[]): void => {
    if (!window?.isFocused())
      for (const { session, title, body } of listNotifications(running, now)) {
        const notification = new Notification({ title, body });
        notification.on("click", () => show({ session }));
        notification.show();
      }
    running = now;
    tray?.setToolTip(describeActivity(now));
    tray?.setContextMenu(Menu.buildFromTemplate(listTrayItems(now, settings).map((item) => toMenuItem(item, act))));
  };
  return {
    open,
    start(address: string | null): void {
      tray = new Tray(nativeImage.createFromPath(icon));
      tray.on("click", () => open(null));
      if (settings.shortcut || settings.startAtLogin) applySettings();
      update([]);
      open(address);
    },
  };
}

/** Nothing but the server's page and confirmed hubs is shown; links open in the browser. */
function guard({ webContents }: BrowserWindow, origins: ReadonlySet<string>): void {
  webContents.on("will-navigate", (event) => {
    if (mayNavigate(event.url, origins)) return;
    event.preventDefault();
    if (opensOutside(event.url)) void shell.openExternal(event.url);
  });
  webContents.setWindowOpenHandler(({ url }) => {
    if (opensOutside(url)) void shell.openExternal(url);
    return { action: "deny" };
  });
  webContents.session.setPermissionRequestHandler((_, permission, answer) =>
    answer(allowedPermissions.has(permission)),
  );
}

async function confirmJoin(hub: string): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: "question",
    message: `Open a session that is shared through ${new URL(hub).host}?`,
    detail: "The link may come from a web page. You choose your name before you join.",
    buttons: ["Open", "Cancel"],
    defaultId: 1,
    cancelId: 1,
  });
  return response === 0;
}

const toMenuItem = (item: TrayItem, act: (item: TrayItem) => void): MenuItemConstructorOptions =>
  item.separator
    ? { type: "separator" }
    : {
        label: item.label,
        enabled: item.action !== undefined,
        ...(item.checked !== undefined && { type: "checkbox", checked: item.checked }),
        click: () => act(item),
      };
