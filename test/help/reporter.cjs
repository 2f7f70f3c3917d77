/** Dots, and the files of what failed, one a line, to the file that TUTTI_FAILED names. */
const { writeFileSync } = require("node:fs");
const { reporters } = require("mocha");

module.exports = class extends reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const failed = new Set();
    runner.on("fail", ({ file }) => failed.add(file ?? ""));
    runner.on("end", () => writeFileSync(process.env.TUTTI_FAILED, [...failed].join("\n")));
  }
};
