// Preloaded into a measured process that runs with `--expose-gc`: sends its memory after a collection when it is asked with `{ memory: true }` by IPC.
// The process ends without regard to this channel.
process.on("message", ({ memory }) => {
  if (!memory) return;
  globalThis.gc();
  setTimeout(() => {
    globalThis.gc();
    process.send({ memory: process.memoryUsage() });
  }, 200).unref();
});
process.channel?.unref();
