/** A dot reporter that also writes the files of failed tests, one per line, to the file in TUTTI_FAILED. */
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
