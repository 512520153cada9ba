// Reads test reports in the JUnit XML form, which every test runner can write, each in a dialect of its own.

import { SaxesParser } from "saxes";

/** A test that failed, as the report has it. */
export interface JUnitCase {
  readonly name: string;
  readonly className: string;
  /** What is said of where the test stands; often nothing. */
  readonly file: string | undefined;
  readonly message: string;
  /** The exception's class, or what the runner puts there. */
  readonly type: string;
  /** The trace, as printed. */
  readonly body: string;
}

export interface JUnitReport {
  /** The runner's or the suite's name; "" where there is none. */
  readonly name: string;
  readonly seconds: number;
  readonly tests: number;
  /** Failures and errors, the first `most` of them. */
  readonly failed: readonly JUnitCase[];
  readonly failures: number;
}

const MOST_BODY = 65_536;

/**
 * Read a report. Entities other than XML's own five are an error, and nothing outside the text is ever looked at.
 *
 * @throws Error if it is no XML, or is no test report.
 */
export function parseJUnit(xml: string, most = 100): JUnitReport {
  const parser = new SaxesParser();
  const failed: JUnitCase[] = [];
  let name: string | undefined;
  let seconds = 0;
  let tests = 0;
  let failures = 0;
  let suiteFile: string | undefined;
  let testCase: Record<string, string> | undefined;
  let trouble: Record<string, string> | undefined;
  let body = "";
  let isTold = false;

  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name: tag, attributes }) => {
    if (name === undefined && tag !== "testsuites" && tag !== "testsuite") throw new Error(`<${tag}> is no test report`);
    if (tag === "testsuites") name = attributes.name ?? "";
    else if (tag === "testsuite") {
      name = name !== undefined && name !== "" ? name : (attributes.name ?? "");
      suiteFile = attributes.file ?? attributes.filepath ?? suiteFile;
    } else if (tag === "testcase") {
      testCase = attributes;
      isTold = false;
      tests += 1;
      seconds += secondsOf(attributes.time);
    } else if ((tag === "failure" || tag === "error") && testCase !== undefined) {
      trouble = attributes;
      body = "";
    }
  });
  const gather = (text: string): void => {
    if (trouble !== undefined && body.length < MOST_BODY) body += text;
  };
  parser.on("text", gather);
  parser.on("cdata", gather);
  parser.on("closetag", ({ name: tag }) => {
    if (tag === "testcase") testCase = undefined;
    if (trouble === undefined || (tag !== "failure" && tag !== "error")) return;
    if (!isTold) failures += 1; // a test may fail, and its clearing up as well
    if (!isTold && failed.length < most) {
      failed.push({
        name: testCase?.name ?? "",
        className: testCase?.classname ?? "",
        file: testCase?.file ?? suiteFile,
        message: trouble.message ?? "",
        type: trouble.type ?? "",
        body,
      });
    }
    isTold = true;
    trouble = undefined;
  });
  parser.write(xml).close();
  return { name: name ?? "", seconds, tests, failed, failures };
}

/** Some runners write thousands with a comma. */
function secondsOf(text: string | undefined): number {
  const value = Number((text ?? "0").replaceAll(",", ""));
  return Number.isFinite(value) && value > 0 ? value : 0;
}
