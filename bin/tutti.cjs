#!/usr/bin/env node
// Starts Tutti on a Node that can run it: this one, or the one that npm brought along. Plain enough for very old Nodes.
"use strict";
var path = require("path");
var at = process.versions.node.split(".").map(Number);
if (at[0] > 22 || (at[0] === 22 && at[1] >= 22)) {
  var nodeModule = require("module");
  // What was compiled once is kept for this user, so that the next start is faster; Node itself checks that it still fits.
  var home = process.env.HOME || process.env.USERPROFILE;
  var cache = process.env.XDG_CACHE_HOME || (home && path.join(home, ".cache"));
  if (cache && !process.env.NODE_COMPILE_CACHE) nodeModule.enableCompileCache(path.join(cache, "tutti", "compiled"));
  // An editor's Node was told to be one; what is started from here is to be what it is.
  delete process.env.ELECTRON_RUN_AS_NODE;
  // Behind an older Node that started this one: when that is gone, however it went, this one is gone too.
  if (process.env.TUTTI_LAUNCHED && process.channel) {
    delete process.env.TUTTI_LAUNCHED;
    process.channel.unref();
    process.once("disconnect", () => {
      process.kill(process.pid, "SIGKILL");
    });
  }
  // A command comes first in most calls; without one it is the terminal UI, whose parts stand in a file of their own.
  var first = process.argv[2];
  require(first === undefined || first[0] === "-" ? "../dist/terminal.cjs" : "../dist/tutti.cjs").main();
} else {
  var found = null;
  try {
    found = require.resolve(
      "node-" + (process.platform === "win32" ? "win" : process.platform) + "-" + process.arch + "/package.json",
    );
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  if (!found) {
    process.stderr.write(
      "tutti: needs Node 22.22 or newer, and this is " +
        process.version +
        "; install a newer Node, or Tutti with its optional dependencies.\n",
    );
    process.exit(1);
  }
  var node = path.join(path.dirname(found), "bin", process.platform === "win32" ? "node.exe" : "node");
  process.env.TUTTI_LAUNCHED = "1";
  var child = require("child_process").spawn(node, [__filename].concat(process.argv.slice(2)), {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on("exit", (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code);
  });
}
