// Runs every *.test.js beside it in mocha, inside the extension host; whoever started it reads the lines marked "mocha|".

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { format } from "node:util";
import Mocha from "mocha";

/**
 * Called by VS Code for `extensionTestsPath`; ends with an error if a test failed, or if there was none. The environment
 * variable MOCHA_GREP names the tests to run.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: "bdd", reporter: "spec", color: false, timeout: 60_000, forbidOnly: true });
  const only = process.env.MOCHA_GREP;
  if (only !== undefined) mocha.grep(only);
  Mocha.reporters.Base.consoleLog = (...values: unknown[]): void => {
    // eslint-disable-next-line no-console -- the console is the one way out of the extension host
    for (const line of format(...values).split("\n")) console.log(`mocha|${line}`);
  };
  const names = readdirSync(__dirname, { recursive: true, encoding: "utf8" });
  for (const name of names.filter((name) => name.endsWith(".test.js")).sort()) mocha.addFile(join(__dirname, name));
  await mocha.loadFilesAsync();
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const passed = runner.stats?.passes ?? 0;
      if (failures > 0) reject(new Error(`${failures} tests failed, ${passed} passed`));
      else if (passed === 0) reject(new Error("no test ran"));
      else resolve();
    });
  });
}
