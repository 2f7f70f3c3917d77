import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mayNavigate, opensOutside } from "../../desktop/navigation.ts";
import { readSettings, writeSettings } from "../../desktop/settings.ts";
import { defaultSettings, describeActivity, listNotifications, listTrayItems } from "../../desktop/tray.ts";

const one = { session: "a", title: "Fix the parser", questions: [] };
const asking = { session: "b", title: "", questions: [{ id: "q1", title: "Run `rm -r build`?" }] };

describe("the tray", () => {
  it("lists running sessions with their questions, and lets the user quit", () => {
    const items = listTrayItems([one, asking], defaultSettings);
    const labels = items.map(({ label }) => label);
    assert.deepEqual(labels.slice(0, 3), ["Fix the parser", "New session", "? Run `rm -r build`?"]);
    assert.deepEqual(items[2]?.action, { kind: "session", session: "b" });
    assert.equal(labels.at(-1), "Quit");
    assert.equal(listTrayItems([], defaultSettings)[0]?.action, undefined);
    assert.equal(describeActivity([one, asking]), "Tutti: 2 running sessions, 1 question");
    assert.equal(describeActivity([one]), "Tutti: 1 running session");
    assert.equal(describeActivity([]), "Tutti");
  });

  it("shows titles without characters that cannot be seen, and not too long", () => {
    const [item] = listTrayItems([{ ...one, title: `\u202e${"x".repeat(100)}` }], defaultSettings);
    assert.match(item?.label ?? "", /^\\u\{202e\}x+…$/);
    assert.equal(item?.label.length, 60);
  });

  it("notifies of each question once, and of turns that ended", () => {
    assert.deepEqual(listNotifications([one], [one, asking]), [
      { session: "b", title: "Tutti", body: "Run `rm -r build`?" },
    ]);
    assert.deepEqual(listNotifications([one, asking], [one, asking]), []);
    assert.deepEqual(listNotifications([one], []), [
      { session: "a", title: "Fix the parser", body: "The turn has ended." },
    ]);
  });

  it("starts nothing by itself and takes no keys until asked, and keeps what was asked", () => {
    const folder = mkdtempSync(join(tmpdir(), "tutti-desktop-"));
    const file = join(folder, "new", "desktop.json");
    assert.deepEqual(readSettings(file), { startAtLogin: false, shortcut: false });
    writeSettings(file, { startAtLogin: true, shortcut: false });
    assert.deepEqual(readSettings(file), { startAtLogin: true, shortcut: false });
    writeFileSync(file, "{ damaged");
    assert.deepEqual(readSettings(file), defaultSettings);
    rmSync(folder, { recursive: true });
  });

  it("shows only the server and confirmed hubs, and opens other pages outside", () => {
    const origins = new Set(["http://127.0.0.1:7000"]);
    assert.equal(mayNavigate("http://127.0.0.1:7000/#session=a", origins), true);
    for (const address of ["http://127.0.0.1:7001/", "https://example.com/", "file:///etc/passwd", "javascript:1", "x"])
      assert.equal(mayNavigate(address, origins), false, address);
    for (const address of ["https://example.com/a", "mailto:a@example.com"]) assert.equal(opensOutside(address), true);
    for (const address of ["file:///etc/passwd", "javascript:1", "tutti://prompt?text=a", "smb://host/share"])
      assert.equal(opensOutside(address), false, address);
  });
});
