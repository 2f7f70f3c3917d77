#!/usr/bin/env node
// Starts Tutti on a Node.js that can run it: this one, or the one installed as an optional dependency. Written for very old versions.
"use strict";
var path = require("path");
var version = process.versions.node.split(".").map(Number);
if (version[0] > 22 || (version[0] === 22 && version[1] >= 22)) {
  var nodeModule = require("module");
  // Caches compiled code per user, so that the next start is faster. Node checks that the cache is still valid.
  var home = process.env.HOME || process.env.USERPROFILE;
  var cache = process.env.XDG_CACHE_HOME || (home && path.join(home, ".cache"));
  if (cache && !process.env.NODE_COMPILE_CACHE) {
    nodeModule.enableCompileCache(path.join(cache, "tutti", "compiled"));
    // Node writes the cache when it exits, which a killed program does not: a terminal UI or a server writes it once it has started.
    setTimeout(() => nodeModule.flushCompileCache(), 1_000).unref();
  }
  // An editor starts its Electron as Node with this variable. Child processes must not inherit it.
  delete process.env.ELECTRON_RUN_AS_NODE;
  // Started by an older Node: exit when that process exits, however it ends.
  if (process.env.TUTTI_LAUNCHED && process.channel) {
    delete process.env.TUTTI_LAUNCHED;
    process.channel.unref();
    process.once("disconnect", () => {
      process.kill(process.pid, "SIGKILL");
    });
  }
  // Without a command it is most likely the terminal UI, which is a separate bundle.
  var first = process.argv[2];
  require(first === undefined || first[0] === "-" ? "../dist/terminal.cjs" : "../dist/tutti.cjs").main();
} else {
  var bundledNode = null;
  try {
    bundledNode = require.resolve(
      "node-" + (process.platform === "win32" ? "win" : process.platform) + "-" + process.arch + "/package.json",
    );
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  if (!bundledNode) {
    process.stderr.write(
      "tutti: Tutti needs Node.js 22.22 or newer; this is " +
        process.version +
        ". Install a newer Node.js, or reinstall Tutti with its optional dependencies.\n",
    );
    process.exit(1);
  }
  var node = path.join(path.dirname(bundledNode), "bin", process.platform === "win32" ? "node.exe" : "node");
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
